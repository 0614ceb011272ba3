"""release_what_if: which orders of the last days another policy or mapping would have decided otherwise, and why.

Every decision kept about an order placed in the span is made again twice, by the same rules: under the policy in force
and under the candidate, at its own instant and with the inputs that it kept. An order's first decision that comes out
otherwise is its flip. Nothing is written: one read-only transaction that sees one instant. Where the candidate maps
orders otherwise they are read again from their shops, since the store keeps what was found and not where it was.

What is replayed: outcome, reason, units, cancelled balance and day of dispatch; payment, credit (balance, limit and
what stood before the order in its account's queue), value, PO number, drafts, holds of the shop and lifts, as kept with
each decision. What is assumed: texts, addresses, dates, lines, field limits and shipping services as they are now;
goods enough for an order that took all or was held, and just what it took where it took a part, so that an order which
newly goes takes none from others; no decision between the kept ones, such as that of an earlier end of a hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from include.fulfilment.clock import Clock
from include.fulfilment.domain.correction import corrected
from include.fulfilment.domain.credit import CreditQueue
from include.fulfilment.domain.release import OrderDecision, decide_releases
from include.fulfilment.domain.release_case import Place, ReleaseCase, Surroundings
from include.fulfilment.domain.release_replay import PastDecision, as_decided
from include.fulfilment.domain.what_if import (
    Change,
    Flip,
    Verdict,
    WhatIf,
    agrees,
    differences,
    outcome_words,
    verdict,
)
from include.fulfilment.past_port import DecidedOrder
from include.fulfilment.ports import Storefronts, Warehouses
from include.fulfilment.proposed import TRIED_OF_WAREHOUSES
from include.fulfilment.release_policy import ReleasePolicyFile
from include.fulfilment.services.read_again import ReadAgain
from include.fulfilment.services.release_plan import cancels_balance
from include.fulfilment.settings import Site
from include.fulfilment.store_port import Rows, Store

AT_ONCE = 500
"""Orders that are in memory at a time; of all others only the flips are kept."""
_NO_CHANGE = ("version", "agreed_by", "demo")
_CAUTIONS = {
    "buffer": "Seen only where less went than was ordered: how much more was there is not kept.",
    "split_packs": "Seen only for what went: a remainder smaller than a pack is not kept.",
    "reserve_days": "Not replayed: what one order leaves to another is not kept.",
    "ship": "What went in part would wait; what waited whole goes on waiting: what was there for it is not kept.",
    "draft_waiting_hours": "Seen only at instants at which something was decided about the draft.",
    "mapping.po_number": "Orders placed twice are told by the PO numbers as they were found.",
}


def replay(
    store: Store,
    site: Site,
    warehouses: Warehouses,
    candidate: Site,
    shops: Callable[[Site], Storefronts],
    days: int,
    clock: Clock,
) -> WhatIf:
    """What would have been decided of the orders placed in the last `days` with the site as `candidate` has it: its
    policy, its mapping, and what its warehouses are told. `shops` opens the storefronts of a site; they are asked only
    where the mapping differs. Raises as their `read_orders` does."""
    until = clock()
    since, counts = until - timedelta(days=days), Counter[str]()
    same_mapping = candidate.mapping.rules() == site.mapping.rules()
    again = None if same_mapping else ReadAgain(shops(candidate), since)
    with store.snapshot() as rows:
        present = _surroundings(rows, site, warehouses, until)
        other = replace(present, policy=candidate.policy(), places=_places(candidate, warehouses))
        flips = tuple(_flips(rows, rows.past.decided(since), present, other, again, counts))
        undecided = rows.past.undecided(since)
    return WhatIf(
        site=site.code,
        since=since,
        until=until,
        present_version=site.release.version,
        candidate_version=candidate.release.version,
        agreed=candidate.release.agreed_by is not None,
        changes=(*policy_changes(site.release, candidate.release), *site_changes(site, candidate)),
        flips=flips,
        undecided=undecided,
        orders=counts["orders"],
        decisions=counts["decisions"],
        agreeing=counts["agreeing"],
        other_versions=counts["other_versions"],
        details=again.totals() if again else (),
        read_otherwise=again.orders if again else 0,
        unread=again.unread if again else 0,
    )


def policy_changes(present: ReleasePolicyFile, candidate: ReleasePolicyFile) -> tuple[Change, ...]:
    """The fields that differ, with what a replay cannot see of them."""
    stated = (each.model_dump(mode="json", exclude=set(_NO_CHANGE)) for each in (present, candidate))
    return _changes(*({name: _stated(value) for name, value in each.items()} for each in stated))


def site_changes(present: Site, candidate: Site) -> tuple[Change, ...]:
    """What the candidate looks for elsewhere in the orders, and tells a warehouse otherwise."""
    return _changes(*(dict(_site_words(each)) for each in (present, candidate)))


def _changes(ours: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[Change, ...]:
    return tuple(
        Change(name, ours.get(name, "none"), theirs.get(name, "none"), _CAUTIONS.get(name, ""))
        for name in dict.fromkeys([*ours, *theirs])
        if ours.get(name) != theirs.get(name)
    )


def _site_words(site: Site) -> Iterator[tuple[str, str]]:
    rules = site.mapping.rules()
    for name, places in rules.places.items():
        yield f"mapping.{name}", "; ".join(map(str, places)) or "none"
    yield "mapping.date_formats", ", ".join(rules.date_formats)
    for code, warehouse in site.warehouses.items():
        stated = warehouse.model_dump(mode="json", include=set(TRIED_OF_WAREHOUSES), exclude_defaults=True)
        for name in TRIED_OF_WAREHOUSES:
            yield f"warehouse {code}: {name}", _stated(stated.get(name))


def _stated(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_stated(each)}" for name, each in value.items() if each is not None) or "none"
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value))) or "none"
    return "none" if value is None else str(value)


def _surroundings(rows: Rows, site: Site, warehouses: Warehouses, now: datetime) -> Surroundings:
    return Surroundings(
        policy=site.policy(),
        accounts={each.account_id: each for each in rows.credit.known().accounts},
        credit_max_age=site.credit.max_age,
        queue=CreditQueue(()),
        places=_places(site, warehouses),
        now=now,
        released_by_others=site.released_by_others,
    )


def _places(site: Site, warehouses: Warehouses) -> dict[str | None, Place]:
    limits = {code: each.capabilities.field_limits for code, each in warehouses.items()}
    return {
        site.named_in_lines(code): Place(code, each.target(limits[code]), None)
        for code, each in site.warehouses.items()
    }


def _flips(
    rows: Rows,
    order_ids: list[str],
    around: Surroundings,
    candidate: Surroundings,
    again: ReadAgain | None,
    counts: Counter[str],
) -> Iterator[Flip]:
    windows = around.policy.duplicates_within, candidate.policy.duplicates_within
    for start in range(0, len(order_ids), AT_ONCE):
        ids = order_ids[start : start + AT_ONCE]
        corrections = rows.people.corrections(ids)
        alike = {within: rows.people.alike(ids, within) for within in set(windows)}
        for decided in rows.past.orders(ids):
            order_id = decided.order.order_id
            mine = corrections.get(order_id, {})
            likes = alike[windows[0]].get(order_id, ""), alike[windows[1]].get(order_id, "")
            otherwise = again.otherwise(decided.order, mine) if again else {}
            order = corrected(decided.order, mine)
            flip = _compare(replace(decided, order=order), around, candidate, otherwise, likes, counts)
            if flip is not None:
                yield flip


def _compare(
    decided: DecidedOrder,
    around: Surroundings,
    candidate: Surroundings,
    otherwise: Mapping[str, Any],
    likes: tuple[str, str],
    counts: Counter[str],
) -> Flip | None:
    """The first decision of an order that the candidate makes otherwise; `otherwise` are the fields that it reads so.
    All decisions count for the agreement."""
    found, as_it_was = None, True
    for past in decided.decisions:
        case, then = as_decided(decided.order, decided.proofs, decided.content_hash, around, past)
        if past.released_before:  # an order of which something went is none placed twice
            likes = "", ""
        present, ours = _judge(replace(case, like=likes[0]), then)
        read = replace(case, like=likes[1], order=replace(case.order, **otherwise))
        other, theirs = _judge(read, _as_candidate(then, candidate))
        same = agrees(ours, past)
        as_it_was = as_it_was and same
        if found is None and ours != theirs:
            found = _flip(case, past, same, (present, other), (ours, theirs))
    counts["orders"] += 1
    counts["decisions"] += len(decided.decisions)
    counts["agreeing"] += as_it_was
    counts["other_versions"] += any(each.policy_version != around.policy.version for each in decided.decisions)
    return found


def _as_candidate(then: Surroundings, candidate: Surroundings) -> Surroundings:
    """What was around a decision, with the candidate's policy and its words to the warehouses."""
    places = {name: replace(place, target=candidate.places[name].target) for name, place in then.places.items()}
    return replace(then, policy=candidate.policy, places=places)


def _judge(case: ReleaseCase, around: Surroundings) -> tuple[OrderDecision, Verdict]:
    (decision,) = decide_releases([case], around)
    waiting = sum(line.quantities.waiting for line in case.lines) - sum(decision.allocated.values())
    cancels = cancels_balance(decision, around.policy.applying_to(case.order))
    return decision, verdict(decision, waiting if cancels else 0)


def _flip(
    case: ReleaseCase,
    past: PastDecision,
    same: bool,
    decisions: tuple[OrderDecision, OrderDecision],
    verdicts: tuple[Verdict, Verdict],
) -> Flip:
    order = case.order
    return Flip(
        order_id=order.order_id,
        order_name=order.name,
        storefront=order.storefront,
        account_id=order.account_id,
        placed_at=order.placed_at,
        judged_at=past.at,
        currency=order.currency,
        total_gross=order.total_gross,
        decided=outcome_words(past.outcome, past.code),
        decided_under=past.policy_version,
        agrees=same,
        present=verdicts[0],
        candidate=verdicts[1],
        rules=differences(*decisions),
    )
