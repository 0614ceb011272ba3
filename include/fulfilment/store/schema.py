"""Brings a PostgreSQL database (14 to 18) to the current schema; run by the set-up command, safe to repeat."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from include.fulfilment.errors import ConfigError

MIGRATIONS = Path(__file__).parent / "migrations"
OLDEST = 140_000  # PostgreSQL 14, as server_version_num says it
LOCK = 7_264_511_903  # any number; two set-ups at once wait for each other on it


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def migrate(url: str) -> tuple[str | None, str | None]:
    """Apply what is missing; returns the schema revision before and after. Raises ConfigError when the server can't
    be reached or is older than PostgreSQL 14."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
            if number < OLDEST:
                raise ConfigError(f"fulfilment_db runs PostgreSQL {number // 10_000}; it must be 14 or newer")
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            context = MigrationContext.configure(connection, opts={"version_table": "fulfilment_schema_version"})
            before = context.get_current_revision()
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            return before, ScriptDirectory.from_config(config).get_current_head()
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
        raise ConfigError(f"connection fulfilment_db: the database can't be reached ({reason}); check it") from error
    finally:
        engine.dispose()
