"""A Singer tap for the mock on Meltano's SDK. singer_tap.py --config FILE   (FILE: {"shop": ADDRESS})"""
from urllib.parse import parse_qsl

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BaseHATEOASPaginator

INTEGERS = ("id", "order_number", "total_weight")
TIMES = ("created_at", "updated_at", "processed_at", "cancelled_at", "closed_at")
TEXTS = (
    "name email phone currency financial_status fulfillment_status subtotal_price total_tax total_discounts total_price "
    "total_line_items_price token source_name tags note admin_graphql_api_id"
).split()
OBJECTS = ("customer", "billing_address", "shipping_address", "total_price_set")
LISTS = ("line_items", "shipping_lines", "tax_lines", "fulfillments", "discount_codes", "refunds")


def anything():
    return th.ObjectType(additional_properties=True)


class Next(BaseHATEOASPaginator):
    def get_next_url(self, response):
        return response.json().get("next_url")


class Orders(RESTStream):
    name = "orders"
    path = "/orders.json"
    primary_keys = ("id",)
    replication_key = "updated_at"
    is_sorted = True
    records_jsonpath = "$.orders[*]"
    schema = th.PropertiesList(
        *(th.Property(name, th.IntegerType) for name in INTEGERS),
        *(th.Property(name, th.DateTimeType) for name in TIMES),
        *(th.Property(name, th.StringType) for name in TEXTS),
        *(th.Property(name, anything()) for name in OBJECTS),
        *(th.Property(name, th.ArrayType(anything())) for name in LISTS),
    ).to_dict()

    @property
    def url_base(self):
        return self.config["shop"]

    def get_new_paginator(self):
        return Next()

    def get_url_params(self, context, next_page_token):
        if next_page_token:
            return dict(parse_qsl(next_page_token.query))
        since = self.get_starting_timestamp(context)
        return {"limit": 250, **({"updated_at_min": since.strftime("%Y-%m-%dT%H:%M:%SZ")} if since else {})}


class Mock(Tap):
    name = "tap-mock"
    config_jsonschema = th.PropertiesList(th.Property("shop", th.StringType, required=True)).to_dict()

    def discover_streams(self):
        return [Orders(self)]


if __name__ == "__main__":
    Mock.cli()
