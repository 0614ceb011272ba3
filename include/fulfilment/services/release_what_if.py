"""release_what_if: which orders of the last days another release policy would have decided otherwise, and why.

Every decision kept about an order placed in the span is made again twice, by the same rules: under the policy in force
and under the candidate, at its own instant and with the inputs that it kept. An order's first decision that comes out
otherwise is its flip. Nothing is written: one read-only transaction that sees one instant.

What is replayed: outcome, reason, units, cancelled balance and day of dispatch; payment, credit (balance, limit and
what stood before the order in its account's queue), value, PO number, drafts, holds of the shop and lifts, as kept with
each decision. What is assumed: texts, addresses, dates, lines, field limits and shipping services as they are now;
goods enough for an order that took all or was held, and just what it took where it took a part, so that an order which
newly goes takes none from others; no decision between the kept ones, such as that of an earlier end of a hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from include.fulfilment.clock import Clock
from include.fulfilment.domain.correction import corrected
from include.fulfilment.domain.credit import CreditQueue
from include.fulfilment.domain.release import OrderDecision, decide_releases
from include.fulfilment.domain.release_case import Place, ReleaseCase, Surroundings
from include.fulfilment.domain.release_policy import ReleasePolicy
from include.fulfilment.domain.release_replay import PastDecision, as_decided
from include.fulfilment.domain.what_if import (
    Flip,
    PolicyChange,
    Verdict,
    WhatIf,
    agrees,
    differences,
    outcome_words,
    verdict,
)
from include.fulfilment.past_port import DecidedOrder
from include.fulfilment.ports import Warehouses
from include.fulfilment.release_policy import ReleasePolicyFile
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
}


def replay(
    store: Store, site: Site, warehouses: Warehouses, candidate: ReleasePolicyFile, days: int, clock: Clock
) -> WhatIf:
    """What `candidate` would have decided of the orders placed in the last `days`, beside the site's own policy."""
    until = clock()
    since, counts = until - timedelta(days=days), Counter[str]()
    policies = site.policy(), candidate.policy(ZoneInfo(site.timezone))
    with store.snapshot() as rows:
        around = _surroundings(rows, site, policies[0], warehouses, until)
        flips = tuple(_flips(rows, rows.past.decided(since), around, policies[1], counts))
        undecided = rows.past.undecided(since)
    return WhatIf(
        site=site.code,
        since=since,
        until=until,
        present_version=policies[0].version,
        candidate_version=policies[1].version,
        agreed=candidate.agreed_by is not None,
        changes=policy_changes(site.release, candidate),
        flips=flips,
        undecided=undecided,
        orders=counts["orders"],
        decisions=counts["decisions"],
        agreeing=counts["agreeing"],
        other_versions=counts["other_versions"],
    )


def policy_changes(present: ReleasePolicyFile, candidate: ReleasePolicyFile) -> tuple[PolicyChange, ...]:
    """The fields that differ, with what a replay cannot see of them."""
    ours, theirs = (each.model_dump(mode="json", exclude=set(_NO_CHANGE)) for each in (present, candidate))
    return tuple(
        PolicyChange(name, _stated(value), _stated(theirs[name]), _CAUTIONS.get(name, ""))
        for name, value in ours.items()
        if _stated(value) != _stated(theirs[name])
    )


def _stated(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_stated(each)}" for name, each in value.items() if each is not None) or "none"
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value))) or "none"
    return "none" if value is None else str(value)


def _surroundings(rows: Rows, site: Site, policy: ReleasePolicy, warehouses: Warehouses, now: datetime) -> Surroundings:
    limits = {code: each.capabilities.field_limits for code, each in warehouses.items()}
    return Surroundings(
        policy=policy,
        accounts={each.account_id: each for each in rows.credit.known().accounts},
        credit_max_age=site.credit.max_age,
        queue=CreditQueue(()),
        places={
            site.named_in_lines(code): Place(code, each.target(limits[code]), None)
            for code, each in site.warehouses.items()
        },
        now=now,
        released_by_others=frozenset(code for code, shop in site.storefronts.items() if shop.release == "other"),
    )


def _flips(
    rows: Rows, order_ids: list[str], around: Surroundings, candidate: ReleasePolicy, counts: Counter[str]
) -> Iterator[Flip]:
    windows = around.policy.duplicates_within, candidate.duplicates_within
    for start in range(0, len(order_ids), AT_ONCE):
        ids = order_ids[start : start + AT_ONCE]
        corrections = rows.people.corrections(ids)
        alike = {within: rows.people.alike(ids, within) for within in set(windows)}
        for decided in rows.past.orders(ids):
            order_id = decided.order.order_id
            order = corrected(decided.order, corrections.get(order_id, {}))
            likes = alike[windows[0]].get(order_id, ""), alike[windows[1]].get(order_id, "")
            flip = _compare(replace(decided, order=order), around, candidate, likes, counts)
            if flip is not None:
                yield flip


def _compare(
    decided: DecidedOrder,
    around: Surroundings,
    candidate: ReleasePolicy,
    likes: tuple[str, str],
    counts: Counter[str],
) -> Flip | None:
    """The first decision of an order that the candidate makes otherwise. All of them count for the agreement."""
    found, as_it_was = None, True
    for past in decided.decisions:
        case, then = as_decided(decided.order, decided.proofs, decided.content_hash, around, past)
        if past.released_before:  # an order of which something went is none placed twice
            likes = "", ""
        present, ours = _judge(replace(case, like=likes[0]), then)
        other, theirs = _judge(replace(case, like=likes[1]), replace(then, policy=candidate))
        same = agrees(ours, past)
        as_it_was = as_it_was and same
        if found is None and ours != theirs:
            found = _flip(case, past, same, (present, other), (ours, theirs))
    counts["orders"] += 1
    counts["decisions"] += len(decided.decisions)
    counts["agreeing"] += as_it_was
    counts["other_versions"] += any(each.policy_version != around.policy.version for each in decided.decisions)
    return found


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
