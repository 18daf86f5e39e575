# Pulls the hub's change feed into a warehouse; run it again and it goes on where it stopped.
# pip install "dlt[duckdb]" · HUB_URL=http://127.0.0.1:… HUB_KEY=chub_… (scope feed:read) python pull.py
import os, dlt
from dlt.sources.rest_api import rest_api_source
changes = {"name": "changes", "primary_key": "seq", "write_disposition": "append", "endpoint": {
    "path": "v1/changes", "data_selector": "items", "params": {"limit": 500, "after": "{incremental.start_value}", "include_sandbox": os.environ.get("HUB_SANDBOX", "0")},
    "incremental": {"cursor_path": "seq", "initial_value": 0},
    "paginator": {"type": "cursor", "cursor_path": "next_after", "cursor_param": "after", "has_more_path": "has_more"}}}
hub = rest_api_source({"client": {"base_url": os.environ["HUB_URL"], "auth": {"type": "bearer", "token": os.environ["HUB_KEY"]}}, "resources": [changes]})
print(dlt.pipeline("channel_hub", destination="duckdb", dataset_name="feed").run(hub))
