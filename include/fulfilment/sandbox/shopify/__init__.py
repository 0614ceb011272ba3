"""A Shopify shop with SparkLayer on it: the Admin GraphQL subset we use, in `schema.graphql`, over one SQLite file.

`app.create_app` is the shop as an ASGI application; `python -m include.fulfilment.sandbox.shopify` serves it.
"""
