"""What the shop said when a person corrected it: the correction ends when the shop says something else."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    # Corrections of before keep counting whatever the shop says.
    op.execute("ALTER TABLE fulfilment.order_correction ADD COLUMN instead_of text")


def downgrade() -> None:
    op.execute("ALTER TABLE fulfilment.order_correction DROP COLUMN instead_of")
