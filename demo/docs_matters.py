"""docs/exceptions.md: every matter that somebody must settle, by who settles it, and every cause of drift."""

from __future__ import annotations

from datetime import timedelta

from demo.docs_text import code, page, span, table
from include.fulfilment.domain.discrepancy import CAUSES
from include.fulfilment.domain.matter import Matter, Team
from include.fulfilment.domain.matters import MATTERS

_INTRO = """A matter is something about the business that a person must settle; a Python error is not one. An order
that is held carries the matter's code as its reason. A ticket is the open matter with its evidence; there is one at
most per site, code and subject. **A ticket closes by itself in the next run that no longer finds its cause, and never
by age.**

*Due* counts from the instant the cause began. *Ticket* says how long the cause may last before a ticket opens; where
none opens, the matter shows on the order's page alone."""
_DRIFT = """The nightly comparison gives every difference exactly one cause. A night opens one ticket `drift_found` per
cause; it closes after a night without that cause."""


def exceptions_page() -> str:
    """The whole page."""
    teams = [team for team in Team if any(matter.owner is team for matter in MATTERS.values())]
    blocks = [block for team in teams for block in (f"## {_team(team)}", _matters(team))]
    return page(
        "Exceptions: what can be open, and who settles it", _INTRO, *blocks, "## Causes of drift", _DRIFT, _causes()
    )


def _team(team: Team) -> str:
    return team.value.replace("_", " ").capitalize()


def _matters(team: Team) -> str:
    columns = ("Code", "Meaning", "Severity", "Next step", "Due", "Ticket")
    found = [(name, matter) for name, matter in MATTERS.items() if matter.owner is team]
    return table(columns, [_row(name, matter) for name, matter in found])


def _row(name: str, matter: Matter) -> tuple[str, ...]:
    due = f"after {span(matter.due_after)}"
    return code(name), matter.words, matter.severity.value, matter.next_step, due, _opens(matter.ticket_after)


def _opens(after: timedelta | None) -> str:
    if after is None:
        return "none"
    return f"after {span(after)}" if after else "at once"


def _causes() -> str:
    rows = [(code(cause.value), each.words, each.owner or "nobody", each.next_step) for cause, each in CAUSES.items()]
    return table(("Cause", "Meaning", "Owner", "Next step"), rows)
