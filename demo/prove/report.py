"""What the prover says: its figures as JSON, and the story of the first schedule that did harm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from demo.prove.checker import HARM
from demo.prove.plan import BEATS, CRASH_POINTS
from demo.prove.play import Outcome


@dataclass
class Figures:
    """The sums over all schedules of one run of the prover."""

    name: str
    seed: int
    warehouse: str
    schedules: int = 0
    events: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    crash_points: Counter[str] = field(default_factory=Counter)
    harm: Counter[str] = field(default_factory=Counter)
    harmed: list[Outcome] = field(default_factory=list)
    mutants: dict[str, str] = field(default_factory=dict)
    """By mutant: the harm that it was caught by, or nothing."""

    def add(self, outcome: Outcome) -> None:
        """One more schedule."""
        self.schedules += 1
        self.events += outcome.events
        self.faults.update(outcome.faults)
        self.crash_points.update(outcome.crash_points)
        self.harm.update({kind: len(found) for kind, found in outcome.harm.items()})
        if outcome.harm:
            self.harmed.append(outcome)

    @property
    def good(self) -> bool:
        """No harm, and every mutant caught."""
        return not self.harm.total() and all(self.mutants.values())

    def as_json(self) -> dict[str, Any]:
        """The figures under their stable names."""
        return {
            "name": self.name,
            "seed": self.seed,
            "warehouse": self.warehouse,
            "schedules": self.schedules,
            "events": self.events,
            "faults": dict(sorted((+self.faults).items())),
            "crash_points": _NAMED | dict(sorted(self.crash_points.items())),
            **{kind: self.harm[kind] for kind in HARM},
            "harmed": [each.number for each in self.harmed],
            "mutants": {
                "tried": len(self.mutants),
                "caught": sum(bool(by) for by in self.mutants.values()),
                "caught_by": dict(sorted(self.mutants.items())),
            },
            "seconds": round(self.seconds, 1),
        }

    def lines(self) -> Iterable[str]:
        """The figures for a person."""
        yield f"{self.schedules} schedules on {self.warehouse}, {self.events} events, {self.seconds:.0f} s"
        yield "faults: " + (", ".join(f"{kind} {times}" for kind, times in (+self.faults).most_common()) or "none")
        reached = sum(bool(self.crash_points[name]) for name in _NAMED)
        yield f"crash points of the release: {reached} of {len(_NAMED)}; of all flows: {len(self.crash_points)}"
        yield "harm: " + (", ".join(f"{kind} {self.harm[kind]}" for kind in HARM if self.harm[kind]) or "none")


_NAMED = {f"release {BEATS[beat]}, {moment}": 0 for beat, moment in CRASH_POINTS}


def story(outcome: Outcome, replay: str) -> Iterable[str]:
    """What happened in a schedule that did harm, and how to see it again."""
    yield f"Schedule {outcome.number} did harm. Again: {replay}"
    for kind, found in sorted(outcome.harm.items()):
        yield from (f"  {kind}: {words}" for words in found)
    yield from (f"    {line}" for line in outcome.story)
