"""What is asked of the warehouse after release, and what people ask to be stopped."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute(
        "DROP TABLE fulfilment.cancel_request;"
        " ALTER TABLE fulfilment.warehouse_order DROP COLUMN source_hash, DROP COLUMN changes, DROP COLUMN asked,"
        " DROP COLUMN refused_act, DROP COLUMN refused_wish, DROP COLUMN refusal"
    )
