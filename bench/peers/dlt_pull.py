"""dlt as its users would tune it: merge by upsert, CSV files loaded by COPY, one level of child tables.

dlt_pull.py SHOP DATABASE STATE_FOLDER   prints {"seconds": ...}
"""
import json
import os
import sys
import time

os.environ.setdefault("RUNTIME__LOG_LEVEL", "ERROR")
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["DLT_DATA_DIR"] = sys.argv[3]

import dlt
from dlt.sources.rest_api import rest_api_source

shop, database, folder = sys.argv[1:4]
source = rest_api_source(
    {
        "client": {"base_url": f"{shop}/", "paginator": {"type": "json_link", "next_url_path": "next_url"}},
        "resources": [
            {
                "name": "orders",
                "primary_key": "id",
                "write_disposition": {"disposition": "merge", "strategy": "upsert"},
                "endpoint": {
                    "path": "orders.json",
                    "data_selector": "orders",
                    "params": {
                        "limit": 250,
                        "updated_at_min": {"type": "incremental", "cursor_path": "updated_at", "initial_value": "2000-01-01T00:00:00Z"},
                    },
                },
            }
        ],
    }
)
source.max_table_nesting = 1
pipeline = dlt.pipeline("bench", pipelines_dir=folder, destination=dlt.destinations.postgres(database), dataset_name="dlt")
started = time.time()
pipeline.run(source, loader_file_format="csv")
print(json.dumps({"seconds": time.time() - started}))
