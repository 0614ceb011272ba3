"""docs/order-states.md: the state machine of an order, found by trying everything that can happen to a small order.

The edges are not written down anywhere: they are what the domain's own functions do with an order of one line.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator

from demo.docs_changes import changes_blocks
from demo.docs_text import code, page, table
from include.fulfilment.clock import system_clock
from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.domain.standing import FINISHED, OrderState, order_state, standing
from include.fulfilment.domain.warehouse_order import MOVES, WarehouseOrderState
from include.fulfilment.store.schema import MIGRATIONS

Place = tuple[LineQuantities, str]
Edges = dict[tuple[str, str], list[str]]

_UNITS, _MOST_UNITS = 2, 3
_HOLD = "held"
_OUTSIDE = [
    (OrderState.PLACED, OrderState.NOT_OURS, "not SparkLayer's, from before we began, or fulfilled by another way"),
    (OrderState.IN_WAREHOUSE, OrderState.HELD, "the warehouse refuses it"),
    (OrderState.PARTLY_SHIPPED, OrderState.HELD, "the warehouse refuses the rest"),
]
"""What is decided outside the quantities."""
_INTRO = """The state of an order follows from the quantities of its lines and from its hold, if it has one; nothing
sets it directly. The picture is made by trying on a small order everything that can happen: a decision (`release`,
`hold`), an edit or a cancellation in the shop, and the shipments and short closures that the warehouse reports."""
_AFTER_TABLE = """Where a reason is set, its owner and next step win over the state's: see
[exceptions.md](exceptions.md). A draft stays `held` (`awaiting_completion` or `quote_open`) and has no base
quantities; a shop order cancelled while the warehouse still has it keeps its state with the reason
`cancelled_after_release` until nothing of it is open."""
_WAREHOUSE_ORDER = {
    WarehouseOrderState.QUEUED: "Written and owed to the warehouse.",
    WarehouseOrderState.ACKNOWLEDGED: "The warehouse has it, under the id in `wms_id`; `asked` says whether a change "
    "is under way.",
    WarehouseOrderState.REJECTED: "The warehouse refused it and the order is held `warehouse_rejected`; or it was "
    "taken back before it was sent. Its units are free again.",
    WarehouseOrderState.CANCELLED: "The warehouse confirmed that it will not leave. Its lines stand for what had left; "
    "the rest is cancelled, or held to be decided anew.",
}
_RECORDS = {
    "outbox": {
        "queued": "Owed, or tried and to be looked for (a change: asked again) from `due_at` on.",
        "claimed": "A worker sends it now; after three minutes another may take it over and looks before it sends.",
        "done": "The remote has it as `remote_id`.",
        "refused": "The remote refused it for good; its words are in `error`.",
    },
}


def states_page() -> str:
    """The whole page."""
    records = [block for name in _RECORDS for block in (f"## The states of a row in `{name}`", _record(name))]
    warehouse_order = ("## The states of a warehouse order", _moves(), _warehouse_order())
    head = (_INTRO, _picture(), _states(), _AFTER_TABLE)
    return page("The states of an order", *head, *warehouse_order, *changes_blocks(), *records)


def _moves() -> str:
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {WarehouseOrderState.QUEUED}"]
    lines += [f"    {before} --> {after}: {words}" for (before, after), words in MOVES.items()]
    return "\n".join([*lines, "```"])


def _warehouse_order() -> str:
    return table(("State", "Meaning"), [(code(state), _WAREHOUSE_ORDER[state]) for state in WarehouseOrderState])


def _picture() -> str:
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {OrderState.PLACED}"]
    lines += [f"    {here} --> {there}: {', '.join(words)}" for (here, there), words in edges().items()]
    lines += [f"    {state} --> [*]" for state in OrderState if state in FINISHED]
    return "\n".join([*lines, "```"])


def edges() -> Edges:
    """What leads from one state to another, in words, for every pair of states that an order can pass through."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for here, there, words in _OUTSIDE:
        found[here, there].add(words)
    start: Place = (LineQuantities.placed(_UNITS), "")
    seen, queue = {start}, deque([(start, OrderState.PLACED)])
    while queue:
        place, state = queue.popleft()
        for words, after in _happenings(place):
            there = order_state([after[0]], after[1])[0]
            if there is not state:
                found[state, there].add(words)
            if after not in seen and there not in FINISHED:
                seen.add(after)
                queue.append((after, there))
    rank = list(OrderState)
    ranked = sorted(found, key=lambda pair: (rank.index(OrderState(pair[0])), rank.index(OrderState(pair[1]))))
    return {pair: sorted(found[pair]) for pair in ranked}


def _happenings(place: Place) -> Iterator[tuple[str, Place]]:
    """Everything that one run can do to an unfinished order, by its name."""
    line, hold = place
    yield from _judged(line, "")
    if line.waiting:
        yield "cancelled in the shop", (line.cancel_waiting(), "")
    for live in range(_MOST_UNITS + 1 if line.held != line.ordered or hold else 0):  # a new order has no old content
        after, _ = line.amended(live)
        if after != line and after.ordered <= _MOST_UNITS:
            settled = after.short < line.short and after.waiting == line.waiting
            yield from _judged(after, "short units credited" if settled else "edited in the shop")
    if line.open:
        yield "the warehouse gives it back", (line.take_back(line.open, cancel=False), _HOLD)
        yield "the warehouse gives it back", (line.take_back(line.open, cancel=True), hold)
    for shipped in range(line.shipped, line.released + 1):
        for short in range(line.short, line.released - shipped + 1):
            if (shipped, short) != (line.shipped, line.short):
                words = "shipped" if shipped > line.shipped else "closed short"
                yield words, (line.fold(shipped, short), hold)


def _judged(line: LineQuantities, cause: str) -> Iterator[tuple[str, Place]]:
    """What a decision makes of the line; without a `cause` of its own the verdict names what happened."""
    if not line.waiting:
        yield cause or "passes", (line, "")
        return
    for units in range(line.waiting + 1):
        yield cause or ("released" if units else "passes without stock"), (line.allocate(units), "")
    yield cause or "a rule fails", (line.hold(), _HOLD)


def _states() -> str:
    rows = []
    for state in OrderState:
        answer = standing(state, "", system_clock())
        rows.append((code(state), answer.where, answer.who.value.replace("_", " "), answer.next_step))
    return table(("State", "Where it is", "Who acts next", "Next step"), rows)


def _record(name: str) -> str:
    """The states that the database allows, each with its words; one without words is an error."""
    sql = (MIGRATIONS / "versions" / "0001_first.sql").read_text(encoding="utf-8")
    body = sql.partition(f"CREATE TABLE {name} (")[2].partition("\n);")[0]
    allowed = re.search(r"\bstate text [^(]*CHECK \(state IN \(([^)]*)\)", body)
    states = re.findall(r"'(\w+)'", allowed.group(1)) if allowed else []
    return table(("State", "Meaning"), [(code(state), _RECORDS[name][state]) for state in states])
