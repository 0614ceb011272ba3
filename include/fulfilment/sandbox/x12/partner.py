"""The partner at work: each turn reads what lies in the mailbox, and tells what happened on the floor since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from ..faults import count_call
from ..floor.book import find_orders, find_shipments, products
from ..floor.records import FloorProduct
from ..floor.state import FloorState, instant, stored
from .orders import take_order, verdict
from .shipping import LOCATION, advice, closing
from .wire import Letter, NotX12, Row, at, day_and_time, put_together, take_apart

KINDS = ("silence", "E", "R", "P", "cut", "twice", "later")
"""`silence` takes a 940 and never answers; E, R and P are the codes of its 997; `cut` writes half a message, `twice`
the same one under two names, `later` keeps it until the turn after."""
_TICK = timedelta(milliseconds=10)


class Partner:
    """One warehouse with a mailbox of three folders: `outbound` is what the merchant leaves, `inbound` what it gets."""

    def __init__(self, state: FloorState, mailbox: Path) -> None:
        """Open the mailbox; its folders are made where they are missing."""
        state.add_tables(Path(__file__).with_name("tables.sql"))
        self._state = state
        self._from_merchant, self._to_merchant = mailbox / "outbound", mailbox / "inbound"
        self._lock = Lock()
        for folder in (self._from_merchant, self._to_merchant):
            folder.mkdir(parents=True, exist_ok=True)

    def agree_packs(self, packs: Mapping[str, Mapping[str, int]]) -> None:
        """Agree what a pack holds: units by SKU (`*`: any) and unit code. Other units than EA are else refused."""
        rows = [(sku, unit, count) for sku, units in packs.items() for unit, count in units.items()]
        self._state.many("INSERT OR REPLACE INTO pack VALUES (?, ?, ?)", rows)

    def turn(self) -> None:
        """Read, work, write. A turn that broke off is done again by the next one."""
        with self._lock:
            for file in sorted(self._from_merchant.iterdir()):
                if file.is_file() and not file.name.startswith("."):
                    self._hear(file)
            with self._state.transaction():
                self._tell_shipments()
                self._tell_closures()
                self._tell_stock()
            self._write()

    def unacknowledged(self) -> list[str]:
        """Return the names of messages to which no 997 has come."""
        rows = self._state.all("SELECT name FROM message WHERE verdict = '' AND code <> '997' ORDER BY number")
        return [row["name"] for row in rows]

    def verdicts(self) -> dict[str, str]:
        """Return what the merchant's 997 said of each message, by name."""
        rows = self._state.all("SELECT name, verdict FROM message WHERE verdict <> '' ORDER BY number")
        return {row["name"]: row["verdict"] for row in rows}

    def _hear(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        with self._state.transaction():
            try:
                letters = take_apart(text)
            except NotX12:
                letters = []
            if letters and self._is_new(letters[0].interchange, file.name):
                for letter in letters:
                    self._judge(letter)
        file.unlink()

    def _is_new(self, control: str, name: str) -> bool:
        return bool(self._state.run("INSERT OR IGNORE INTO heard VALUES (?, ?)", control, name))

    def _judge(self, letter: Letter) -> None:
        fault = count_call(self._state, [letter.code])
        kind = fault.kind if fault else ""
        if letter.code == "997":
            self._note(letter)
            return
        refusal = None
        if letter.code == "940" and kind != "R":
            refusal = take_order(self._state, letter)
        if kind != "silence":
            self._send("997", verdict(letter, refusal, kind))

    def _note(self, letter: Letter) -> None:
        group = next((at(row, 2) for row in letter.rows if row[0] == "AK1"), "")
        code = next((at(row, 1) for row in letter.rows if row[0] in ("AK5", "AK9")), "?")
        self._state.run("UPDATE message SET verdict = ? WHERE number = ?", code, int(group or 0))

    def _tell_shipments(self) -> None:
        since = self._mark("shipments")
        found = find_shipments(self._state, changed_since=instant(since) if since else None)
        told = {row["shipment_id"]: row["state"] for row in self._state.all("SELECT * FROM told_shipment")}
        fresh = [
            each
            for each in found
            if told.get(each.id) != each.state
            and (each.state == "dispatched" or (each.state == "voided" and told.get(each.id) == "dispatched"))
        ]
        orders = {each.id: each for each in find_orders(self._state, ids=[each.order_id for each in fresh])}
        for shipment in fresh:
            order = orders[shipment.order_id]
            self._send("945", advice(order, shipment))
            self._state.run("INSERT OR REPLACE INTO told_shipment VALUES (?, ?)", shipment.id, shipment.state)
            ended = [line.id for line in order.lines if line.closed and not line.left]
            named = [line_id for line_id, _ in shipment.lines if line_id in ended]
            self._told_lines(named if shipment.state == "dispatched" else [])
        if found:
            self._set_mark("shipments", stored(max(each.updated_at for each in found)))

    def _tell_closures(self) -> None:
        since = self._mark("orders")
        found = find_orders(self._state, changed_since=instant(since) if since else None)
        told = {row["line_id"] for row in self._state.all("SELECT line_id FROM told_line")}
        for order in found:
            cancelled = order.state == "cancelled"
            closed = [
                line for line in order.lines if line.id not in told and (cancelled or (line.closed and not line.left))
            ]
            if closed:
                number = self._state.next_id("closing")
                self._send("945", closing(order, closed, number, day_and_time(self._tick())))
                self._told_lines([line.id for line in closed])
        if found:
            self._set_mark("orders", stored(max(each.updated_at for each in found)))

    def _told_lines(self, lines: Sequence[int]) -> None:
        for line in lines:
            self._state.run("INSERT OR IGNORE INTO told_line VALUES (?)", line)

    def _tell_stock(self) -> None:
        """A delivery is a 944 and a count that found less a 947; anything else, and the first time, a whole 846."""
        now = {each.sku: each for each in products(self._state)}
        told = {row["sku"]: int(row["units"]) for row in self._state.all("SELECT sku, units FROM told_stock")}
        change = {sku: each.on_hand - told.get(sku, 0) for sku, each in now.items()}
        moved = {sku: units for sku, units in change.items() if units}
        if not moved and (now.keys() == told.keys() or not now):
            return
        left = self._mark("945s")
        if told and now.keys() == told.keys() and left == str(self._shipments_told()):
            for code, sign in (("944", 1), ("947", -1)):
                part = {sku: units for sku, units in moved.items() if units * sign > 0}
                if part:
                    self._send(code, _movement(code, part, self._state.next_id(code), self._tick()))
        else:
            self._send("846", _inventory(list(now.values()), self._tick()))
        self._set_mark("945s", str(self._shipments_told()))
        self._state.many("INSERT OR REPLACE INTO told_stock VALUES (?, ?)", [(s, e.on_hand) for s, e in now.items()])

    def _shipments_told(self) -> int:
        row = self._state.one("SELECT count(*) AS n, sum(state = 'voided') AS v FROM told_shipment")
        return 0 if row is None else int(row["n"]) * 1_000_000 + int(row["v"] or 0)

    def _send(self, code: str, rows: Sequence[Row]) -> None:
        number = self._state.next_id("interchange")
        content = put_together(code, rows, number, self._tick())
        self._state.insert("message", number=number, code=code, name=f"{number:09d}-{code}.edi", content=content)

    def _write(self) -> None:
        """Put what is under way into the mailbox, whole under its name; a repeat writes the same."""
        for row in self._state.all("SELECT * FROM message WHERE written = 0 ORDER BY number"):
            fault = None if row["code"] == "997" else count_call(self._state, [row["code"]])
            kind = fault.kind if fault else ""
            if kind == "later":
                continue
            content = row["content"]
            for name in [row["name"], f"copy-{row['name']}"] if kind == "twice" else [row["name"]]:
                part = self._to_merchant / f".{name}.part"
                part.write_text(content[: len(content) // 2] if kind == "cut" else content, encoding="utf-8")
                part.replace(self._to_merchant / name)
            self._state.run("UPDATE message SET written = 1 WHERE number = ?", row["number"])

    def _tick(self) -> datetime:
        """The warehouse's time, later by a hundredth of a second at least than any told before."""
        last = self._mark("time")
        now = max(self._state.now(), instant(last) + _TICK) if last else self._state.now()
        self._set_mark("time", stored(now))
        return now

    def _mark(self, name: str) -> str:
        row = self._state.one("SELECT value FROM mark WHERE name = ?", name)
        return str(row["value"]) if row else ""

    def _set_mark(self, name: str, value: str) -> None:
        self._state.run("INSERT OR REPLACE INTO mark VALUES (?, ?)", name, value)


def _inventory(found: Sequence[FloorProduct], now: datetime) -> list[Row]:
    day, clock = day_and_time(now)
    rows: list[Row] = [["BIA", "00", "MM", f"{day}{clock}", day, clock], ["DTM", "007", day, clock, "UT"]]
    rows.append(["N1", "WH", "", "91", LOCATION])
    for number, each in enumerate(found, start=1):
        rows.append(["LIN", str(number), "SK", each.sku])
        rows += [["QTY", "17", str(each.on_hand), "EA"], ["QTY", "33", str(each.on_hand - each.allocated), "EA"]]
    return [*rows, ["CTT", str(len(found))]]


def _movement(code: str, units: Mapping[str, int], number: int, now: datetime) -> list[Row]:
    day, _ = day_and_time(now)
    place = ["N1", "WH", "", "91", LOCATION]
    if code == "944":
        rows = [["W17", "F", day, f"R{number}"], place]
        rows += [["W07", str(count), "EA", "", "SK", sku] for sku, count in units.items()]
        return [*rows, ["W14", str(sum(units.values()))]]
    return [
        ["W15", day, f"A{number}"],
        place,
        *(["W19", "AC", str(n), "EA", "", "SK", sku] for sku, n in units.items()),
    ]
