"""What happens when a task fails for good: a ticket for on-call and a notice, once per task and site."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

log = logging.getLogger(__name__)


def report_failure(context: Mapping[str, Any]) -> None:
    """Open the ticket `task_failed` and send its subject, cause, owner and next step.

    The notice goes to the log, and by mail where FULFILMENT_NOTIFY_EMAIL is set (connection `smtp_default`). It never
    raises: a broken mail server must not hide the failure itself.
    """
    from include.fulfilment.domain.exception_ticket import ExceptionTicket

    ti = context["ti"]
    site = _site(ti.task)
    beat = ti.task_id.rsplit(".", 1)[-1]
    cause = f"{type(context.get('exception')).__name__}: {context.get('exception')}"[:500]
    ticket = ExceptionTicket(
        "task_failed",
        f"{ti.dag_id} {beat}" + (f" of site {site}" if site else ""),
        evidence={"cause": cause, "run": str(ti.run_id), "log": str(getattr(ti, "log_url", ""))},
    )
    lines = [
        f"Subject: {ticket.subject} failed",
        f"Cause: {cause}",
        f"Owner: {ticket.matter.owner.replace('_', ' ')}",
        f"Next step: {ticket.matter.next_step}",
        f"Log: {ticket.evidence['log']}",
    ]
    log.error("%s", "\n".join(lines))
    _attempt("store the ticket", lambda: _store(ticket, [site] if site else _all_sites(), ti.dag_id, beat))
    _attempt("send the mail", lambda: _mail(ticket.subject, lines, context))


def _attempt(what: str, act: Any) -> None:
    try:
        act()
    except Exception:
        log.exception("on-call could not be told: failed to %s", what)


def _site(task: Any) -> str:
    """The one site that the task was for; empty where it is not one site's, or not known to be: the callback of a
    killed task runs in the DAG processor, where the task is not rendered and its site is no text yet."""
    from include.fulfilment.settings import load_sites

    site = getattr(task, "site", "")
    if not isinstance(site, str):
        return ""
    with suppress(Exception):  # site files that cannot be read may be the very failure that is to be told
        return site if site in load_sites() else ""
    return site


def _all_sites() -> list[str]:
    """A task that is not one site's concerns them all."""
    from include.fulfilment.settings import load_sites

    return sorted(load_sites())


def _store(ticket: Any, sites: list[str], dag_id: str, beat: str) -> None:
    from include.fulfilment.clock import system_clock
    from include.fulfilment.orchestration.operators import task_scope
    from include.fulfilment.orchestration.wiring import store_url
    from include.fulfilment.store.database import PostgresStore

    for site in sites:
        with PostgresStore(store_url(), site).transaction() as rows:
            rows.log.reconcile_tickets(task_scope(dag_id, beat), [ticket], system_clock())


def _mail(subject: str, lines: list[str], context: Mapping[str, Any]) -> None:
    from include.fulfilment.settings import Environment

    address = Environment().notify_email
    if not address:
        return
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    body = "<br>".join(lines)
    SmtpNotifier(to=address, subject=f"Fulfilment: {subject} failed", html_content=body).notify(dict(context))
