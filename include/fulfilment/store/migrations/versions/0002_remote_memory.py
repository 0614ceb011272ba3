"""What an adapter remembers of its remote, and the remote's call budget."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute("DROP TABLE fulfilment.journal_entry, fulfilment.journal_series, fulfilment.call_budget")
