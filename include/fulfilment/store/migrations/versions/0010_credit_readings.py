"""What the credit source said, from which source and under which account of the ledger."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute(
        "DROP INDEX fulfilment.sales_order_finished_on_account; ALTER TABLE fulfilment.credit_account"
        " DROP COLUMN ledger_id, DROP COLUMN source, DROP COLUMN taken_at"
    )
