"""Alembic's entry: runs on the connection that `schema.migrate` hands over, in one transaction."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="fulfilment_schema_version", version_table_schema="public")
with context.begin_transaction():
    context.run_migrations()
