"""ShipBob's REST API 2026-01 in front of a sandbox warehouse: products, orders, shipments, stock, its limit and errors.

Every answer is checked in the tests against ShipBob's OpenAPI 2026-01. What that does not say is taken from
developer.shipbob.com: /errors (422 for a repeated reference_id), /rate-limit (150 calls a minute, sliding, and its
headers), /faq (the `next-page` header of lists by number), 2026-07/api/orders/create-order (what a B2B order must have,
lengths), /experimental/status-reference (what the statuses mean), sandbox/simulations.
"""
