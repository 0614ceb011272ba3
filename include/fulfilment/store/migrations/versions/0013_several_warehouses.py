"""Several warehouses on one site."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    for scope in ("stock_snapshot", "warehouse_orders"):
        op.execute(
            f"UPDATE fulfilment.exception_ticket SET scope = '{scope}' WHERE starts_with(scope, '{scope}/')"  # noqa: S608
        )
    op.execute("ALTER TABLE fulfilment.sales_order DROP COLUMN already_at")
    op.execute("ALTER TABLE fulfilment.outbox DROP COLUMN warehouse")
    op.execute("ALTER TABLE fulfilment.variant DROP COLUMN leaves_from")
    op.execute("ALTER TABLE fulfilment.order_line DROP COLUMN leaves_from")
