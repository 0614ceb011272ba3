"""A ShipHero account with one warehouse: its GraphQL API with plain and wholesale orders, credits, tokens and errors.

`schema.graphql` is part of the vendor's schema of February 2023, `wholesale.graphql` follows its documentation pages.
"""
