"""Plays many schedules in two processes, each with sandboxes of its own, on one PostgreSQL."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from demo.ports import Ports
from demo.postgres import EmbeddedPostgres
from demo.prove.merchant import never_sleep
from demo.prove.plan import Schedule, Step, draw
from demo.prove.play import Outcome, Player
from demo.prove.seams import Sessions
from demo.prove.yard import Yard
from demo.secrets import SecretFiles
from demo.supervisor import Supervisor
from demo.tls import read_certificates_once
from include.fulfilment.store.schema import migrate

WORKERS = 2
_IN_MEMORY = "/dev/shm"  # noqa: S108 - mkdtemp makes it private
STORE_VARIABLE = "PROVE_STORE_URL"
"""The URL of a migrated store, for a prover that another one started; it holds a password."""


@dataclass(frozen=True)
class Field:
    """Where schedules are played: the store's URL, and a folder for the sandboxes' files."""

    store_url: str
    folder: Path


@contextmanager
def opened() -> Iterator[Field]:
    """A store and a folder for this run alone; the store of the prover that started this one, if one did."""
    folder = Path(
        tempfile.mkdtemp(prefix="fulfilment-prove-", dir=_IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None)
    )
    folder.chmod(0o711)  # run by root, the database server is another account's process
    given = os.environ.get(STORE_VARIABLE)
    supervisor = Supervisor(folder)
    try:
        if given:
            yield Field(given, folder)
            return
        supervisor.open()
        server = EmbeddedPostgres(folder, SecretFiles(folder / "secrets"), Ports(folder / "ports.json"))
        server.start(supervisor)
        migrate(server.url("fulfilment"))
        with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
            # No power fails here: a commit need not wait for the disk.
            connection.execute("ALTER DATABASE fulfilment SET synchronous_commit = off")
        yield Field(server.url("fulfilment"), folder)
    finally:
        supervisor.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Worker:
    """One process's sandboxes and database sessions."""

    def __init__(self, field: Field, warehouse: str, seed: int) -> None:
        read_certificates_once()
        self._doors, self._seed = ExitStack(), seed
        folder = Path(tempfile.mkdtemp(prefix="worker-", dir=field.folder))
        self._yard = Yard(folder, warehouse, self._doors)
        never_sleep(self._yard)
        self._sessions = Sessions(field.store_url)
        watch = psycopg.connect(field.store_url, autocommit=True, options="-c search_path=fulfilment")
        self._watch = self._doors.enter_context(watch)

    def play(self, number: int) -> Outcome:
        """The schedule of that number."""
        return self.play_out(draw(self._seed, number, self._yard.warehouse))

    def play_out(self, schedule: Schedule) -> Outcome:
        """This schedule."""
        return Player(self._yard, self._sessions, self._watch, schedule).play()

    def shortest(self, number: int, tries: int = 30) -> Outcome:
        """The schedule of that number with every step left out that its harm does not need."""
        schedule = draw(self._seed, number, self._yard.warehouse)
        worst = self.play_out(schedule)
        steps = list(schedule.steps)
        for step in reversed(schedule.steps):
            if not worst.harm or tries == 0:
                break
            tries -= 1
            fewer = _without(steps, step)
            shorter = self.play_out(replace(schedule, steps=tuple(fewer)))
            if shorter.harm:
                steps, worst = fewer, shorter
        return worst

    def close(self) -> None:
        """Close doors and sessions."""
        self._sessions.close()
        self._doors.close()


def _without(steps: list[Step], step: Step) -> list[Step]:
    """The steps without this one: the same object, since equal ones may stand elsewhere."""
    return [each for each in steps if each is not step]


_worker: list[Worker] = []


def _begin(field: Field, warehouse: str, seed: int) -> None:
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    _worker.append(Worker(field, warehouse, seed))
    atexit.register(_worker[0].close)


def _end_with(parent: int) -> None:
    """End this process when the prover that started it is gone, however it went."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _play(number: int) -> Outcome:
    return _worker[0].play(number)


def played(field: Field, warehouse: str, seed: int, numbers: Iterable[int]) -> Iterator[Outcome]:
    """The outcomes of these schedules, in their order."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, spawn, _begin, (field, warehouse, seed)) as pool:
        try:
            yield from pool.map(_play, numbers)
        finally:
            pool.shutdown(cancel_futures=True)
