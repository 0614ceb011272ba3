"""The release policy's file: it says what was agreed, and what is wrong with it by line and field."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from include.fulfilment.domain.order import PaymentState
from include.fulfilment.domain.release_policy import PoRequired
from include.fulfilment.errors import ConfigError
from include.fulfilment.release_policy import read_release_policy
from include.fulfilment.settings import DEMO_SITES
from tests.demo_run import CHECKOUT
from tests.store.seeds import order

AGREED = "agreed_by: {finance: 2026-11-01, operations: 2026-11-02, customer_experience: 2026-11-03}\n"
LONDON = ZoneInfo("Europe/London")
LEAST = "version: v1\nsplit_packs: []\n"


def read(tmp_path: Path, text: str) -> str:
    """What is wrong with a policy of this text."""
    (tmp_path / "trade.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_release_policy(tmp_path / "trade.yaml")
    return str(caught.value)


def test_an_agreement_of_all_three_is_enough_and_all_else_has_its_cautious_default(tmp_path: Path) -> None:
    (tmp_path / "trade.yaml").write_text(LEAST + AGREED, encoding="utf-8")
    policy = read_release_policy(tmp_path / "trade.yaml").policy(LONDON)
    assert (policy.version, policy.invoice, policy.card_states) == ("v1", None, frozenset({PaymentState.PAID}))
    assert (policy.minimum_age, policy.ship_complete, policy.keep_backorder) == (timedelta(0), False, True)
    assert (policy.largest_line_base, policy.largest_order_gross, policy.split_packs) == (10_000, {}, frozenset())


def test_orders_are_not_released_before_three_parties_agreed(tmp_path: Path) -> None:
    assert read(tmp_path, LEAST) == (
        "release policy trade.yaml: agreed_by: finance, operations and customer_experience must each have agreed, with "
        "a date, before orders are released"
    )
    half = LEAST + "agreed_by:\n  finance: 2026-11-01\n  operations: 2026-11-02\n"
    assert read(tmp_path, half) == ("release policy trade.yaml line 3: agreed_by.customer_experience: Field required")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("invoice: whenever\n", "line 4: invoice: Input should be 'paid_first', 'approved' or 'terms'"),
        ("card_states: [paid, promised]\n", "line 4: card_states.1: Input should be 'paid', 'authorized'"),
        ("card_states:\n- paid\n- promised\n", "line 6: card_states.1: Input should be "),
        ("largest_order_gross: {pounds: 5}\n", "line 4: largest_order_gross.pounds.[key]: String should match"),
        ("largest_order_gross: {GBP: lots}\n", "line 4: largest_order_gross.GBP: Input should be a valid decimal"),
        ("minimum_age_minutes: -1\n", "line 4: minimum_age_minutes: Input should be greater than or equal to 0"),
        ("customers:\n  Cobalt:\n    ship: partly\n", "line 6: customers.Cobalt.ship: Input should be 'available'"),
        ("ship: complete\nbackorder: cancel\n", ": the file: Value error, every customer: `ship: complete` waits"),
        (
            "backorder: cancel\ngroups: {vip: {ship: complete}}\n",
            "vip: `ship: complete` waits for the whole order",
        ),
        (
            "backorder: cancel\ncustomers: {Cobalt: {ship: complete}}\n",
            ": the file: Value error, Cobalt: `ship: complete` waits for the whole order",
        ),
        ("cut_off: '14:00'\n", ": the file: Value error, `calendar` and `cut_off` go together"),
        ("lead_working_days: 3\n", "`age_yields_to_cut_off` and `lead_working_days` need `calendar`"),
        (
            "calendar:\n  hours: {someday: ['08:00', '17:00']}\n",
            "line 5: calendar.hours.someday.[key]: Input should be",
        ),
        ("calendar:\n  hours: {}\n", "line 5: calendar.hours: Dictionary should have at least 1 item"),
        ("surprise: 1\n", "line 4: surprise: Extra inputs are not permitted"),
        ("start: 2026-11-23T00:00:00\n", "line 4: start: Input should have timezone info"),
        ("start: 20261123\n", "line 4: start: Value error, 20261123 is no date; write it like 2026-11-23"),
        ("buffer: yes\n", "line 4: buffer: Input should be a valid integer"),
        ("largest_line_base: '10000'\n", "line 4: largest_line_base: Input should be a valid integer"),
        ("largest_order_gross: {GBP: 0}\n", "line 4: largest_order_gross.GBP: Input should be greater than 0"),
        ("customers: {}\nbuffer: 1\ncustomers: {}\n", "line 6: customers is there twice; only the last would count"),
        (
            "calendar:\n  hours: {monday: ['08:00', '17:00']}\ncut_off: 14:00\n",
            'line 6: cut_off: Value error, write a time of day in quotes, like "14:00"',
        ),
        (
            "calendar:\n  hours: {monday: [10:00, 17:00]}\n",
            "line 5: calendar.hours.monday.0: Value error, write a time",
        ),
        ("cut_off: '14:00:00Z'\n", 'line 4: cut_off: Value error, write a time of day in quotes, like "14:00"'),
        (
            "calendar: {hours: {monday: ['17:00', '08:00']}}\n",
            "line 4: calendar: Value error, weekday 0 closes at 08:00:00, not after it opens at 17:00:00",
        ),
    ],
)
def test_a_wrong_field_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    assert words in read(tmp_path, LEAST + AGREED + text)


def test_a_policy_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.yaml: No such file or directory; correct its name in the site file"):
        read_release_policy(tmp_path / "gone.yaml")


def test_a_customer_s_terms_change_only_what_they_state(tmp_path: Path) -> None:
    terms = "customers:\n  Cobalt Gifts: {ship: complete, reserve_days: 5}\n  gid-7: {po_number: always}\n"
    (tmp_path / "trade.yaml").write_text(LEAST + AGREED + "buffer: 3\n" + terms, encoding="utf-8")
    policy = read_release_policy(tmp_path / "trade.yaml").policy(LONDON)
    cobalt = policy.applying_to(order(1, account_id="gid-9", account_name="Cobalt Gifts"))
    assert (cobalt.ship_complete, cobalt.reserve_for, cobalt.buffer) == (True, timedelta(days=5), 3)
    assert policy.applying_to(order(2, account_id="gid-7")).po_required is PoRequired.ALWAYS
    other = policy.applying_to(order(3, account_id="gid-8", account_name="Somebody"))
    assert other is policy


def test_a_group_s_terms_count_where_the_customer_has_none_of_its_own(tmp_path: Path) -> None:
    terms = "groups:\n  vip: {ship: complete, reserve_days: 5}\ncustomers:\n  Cobalt: {reserve_days: 2}\n"
    (tmp_path / "trade.yaml").write_text(LEAST + AGREED + terms, encoding="utf-8")
    policy = read_release_policy(tmp_path / "trade.yaml").policy(LONDON)
    some = policy.applying_to(order(1, customer_group="vip"))
    assert (some.ship_complete, some.reserve_for) == (True, timedelta(days=5))
    cobalt = policy.applying_to(order(2, customer_group="vip", account_name="Cobalt"))
    assert (cobalt.ship_complete, cobalt.reserve_for) == (True, timedelta(days=2))
    assert policy.applying_to(order(3, customer_group="new")) is policy


def test_a_country_without_holidays_is_refused_in_words(tmp_path: Path) -> None:
    calendar = "{hours: {monday: ['08:00', '17:00']}, holidays: {country: XX}}"
    (tmp_path / "trade.yaml").write_text(f"{LEAST}{AGREED}calendar: {calendar}\ncut_off: '14:00'\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="no public holidays are known for country 'XX'"):
        read_release_policy(tmp_path / "trade.yaml").policy(LONDON)


def test_the_working_calendar_has_hours_public_holidays_and_days_of_its_own() -> None:
    dispatch = read_release_policy(DEMO_SITES / "demo" / "release.yaml").policy(LONDON).dispatch
    assert dispatch is not None
    days = [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28), date(2026, 12, 29), date(2027, 1, 2)]
    assert [dispatch.calendar.is_working_day(each) for each in days] == [True, False, False, True, False]
    assert (dispatch.cut_off.at, dispatch.lead_days, dispatch.age_yields) == (time(14), 2, False)


def test_the_example_states_every_field_but_the_agreement_and_the_start() -> None:
    example = read_release_policy(DEMO_SITES / "demo" / "release.yaml")
    assert type(example).model_fields.keys() - example.model_fields_set == {"agreed_by", "start"}
    assert example.largest_order_gross == {"GBP": Decimal(25000)}


def test_an_alias_that_holds_itself_is_looked_at_once(tmp_path: Path) -> None:
    assert "line 5: customers.Cobalt.Cobalt: Extra" in read(
        tmp_path, LEAST + AGREED + "customers: &all\n  Cobalt: *all\n"
    )


@pytest.mark.parametrize(
    ("stated", "right"),
    [
        ("", True),
        ("largest_order_gross: {GBP: 5}", True),
        ("cut_off: '14:00'\ncalendar: {hours: {monday: ['08:00', '17:00']}}", True),
        ("cut_off: '14:00:00'", True),
        ("largest_order_gross: {gbp: 5}", False),
        ("largest_order_gross: {GBP: lots}", False),
        ("largest_order_gross: {GBP: -5}", False),
        ("largest_line_base: '10000'", False),
        ("calendar: {hours: {someday: ['08:00', '17:00']}}\ncut_off: '14:00'", False),
        ("calendar: {hours: {monday: ['08:00', '17:00']}}\ncut_off: '14:00:00Z'", False),
    ],
)
def test_editors_and_the_product_agree_about_a_policy(tmp_path: Path, stated: str, right: bool) -> None:
    """The published schema and the loader."""
    example = yaml.safe_load((DEMO_SITES / "demo" / "release.yaml").read_text(encoding="utf-8"))
    policy = json.loads(json.dumps(example | (yaml.safe_load(stated) or {}), default=str))
    schema = json.loads((CHECKOUT / "docs" / "schema" / "release-policy.json").read_text(encoding="utf-8"))
    (tmp_path / "trade.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    assert Draft202012Validator(schema, format_checker=FormatChecker()).is_valid(policy) is right
    if right:
        assert read_release_policy(tmp_path / "trade.yaml").version == "example-1"
    else:
        read(tmp_path, yaml.safe_dump(policy))
