"""Customer groups: their terms and their multiples."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("ALTER TABLE fulfilment.variant DROP COLUMN group_pack_sizes")
    op.execute("ALTER TABLE fulfilment.sales_order DROP COLUMN customer_group")
