"""Assets that the inbox updates, and schedules that run by the clock and whenever one of them does.

The clock stays: an event may be lost or come together with others, and then the next scheduled run takes it up.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Asset, AssetAny, AssetOrTimeSchedule, AssetWatcher, DeltaTriggerTimetable

from include.fulfilment.orchestration.inbox_trigger import InboxTrigger


def _changed(noun: str) -> Asset:
    watcher = AssetWatcher(name=f"webhook_inbox_{noun}", trigger=InboxTrigger(noun=noun))
    return Asset(name=f"fulfilment/{noun}-changed", watchers=[watcher])


ORDER_CHANGED = _changed("order")
"""An order, its payment, its holds or its buyer changed in a shop."""
SHIPMENT_CHANGED = _changed("shipment")
"""A warehouse order's state or a shipment changed in a warehouse."""
STOCK_CHANGED = _changed("stock")
"""A stock figure changed in a shop or a warehouse."""
QUESTION_OPEN = Asset(
    name="fulfilment/question-open",
    watchers=[AssetWatcher(name="webhook_inbox_question", trigger=InboxTrigger(noun="question"))],
)
"""A hold waits for a person's verdict, and nobody is asked about it yet."""


def every_or_when(every: timedelta, *changed: Asset) -> AssetOrTimeSchedule:
    """Run at this interval, and at once when any of the assets changed."""
    return AssetOrTimeSchedule(timetable=DeltaTriggerTimetable(every), assets=AssetAny(*changed))
