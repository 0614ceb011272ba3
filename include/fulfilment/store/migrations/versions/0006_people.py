"""What people decide of an order: holds that they end, and what they correct for the warehouse."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute(
        "DROP TABLE fulfilment.hold_lift, fulfilment.order_correction;"
        " ALTER TABLE fulfilment.sales_order DROP COLUMN not_before_on, DROP COLUMN cancel_after_on"
    )
