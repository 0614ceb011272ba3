"""The webhook door: takes other systems' events in from the internet and keeps a hint of each that is proven.

It is a FastAPI application of its own, on its own port (`python -m include.fulfilment.webhooks`), so that Airflow's API
server need not face the internet. It knows no order, no token of shop or warehouse and no Airflow: only the secrets
that prove a sender, and a database role that may add to the inbox.
"""
