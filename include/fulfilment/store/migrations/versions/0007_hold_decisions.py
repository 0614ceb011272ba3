"""One row for what a person decides of a hold, from the desk or from Airflow, and which questions are asked."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute(_BACK)


_BACK = """
    SET LOCAL search_path = fulfilment;
    CREATE TABLE hold_lift (
        site text NOT NULL, order_id text NOT NULL, code text NOT NULL, content_hash text NOT NULL,
        person text NOT NULL CHECK (person <> ''), reason text NOT NULL CHECK (reason <> ''), at timestamptz NOT NULL,
        PRIMARY KEY (site, order_id, code, content_hash),
        FOREIGN KEY (site, order_id) REFERENCES sales_order
    );
    INSERT INTO hold_lift SELECT DISTINCT ON (site, order_id, code, version)
        site, order_id, code, version, person, reason, at
        FROM hold_decision WHERE order_id IS NOT NULL AND verdict = 'lifted' AND follows IS NOT NULL
        ORDER BY site, order_id, code, version, decision_id;
    DROP TABLE hold_decision, asked_question;
    DELETE FROM webhook_inbox WHERE noun = 'question';
    ALTER TABLE webhook_inbox DROP CONSTRAINT webhook_inbox_noun_check,
        ADD CONSTRAINT webhook_inbox_noun_check CHECK (noun IN ('order', 'shipment', 'stock'));
    RESET search_path;
"""
