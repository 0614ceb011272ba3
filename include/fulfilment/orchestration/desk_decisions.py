"""What people decide on the desk (`desk.deciding.Deciding`), kept by the same services as an answer in Airflow."""

from __future__ import annotations

import logging

from include.fulfilment.clock import system_clock
from include.fulfilment.domain.hold_decision import Decision, Seen, Signed, Verdict
from include.fulfilment.domain.matter import Team
from include.fulfilment.errors import ConfigError
from include.fulfilment.orchestration.airflow_access import store_url
from include.fulfilment.services import people
from include.fulfilment.settings import load_site
from include.fulfilment.store.database import PostgresStore

log = logging.getLogger(__name__)


class ConnectedDecisions:
    """On the connection `fulfilment_db` and the site files, read anew for every decision."""

    def teams(self, site: str, user_id: str) -> frozenset[Team]:
        """The teams that this person decides for; none where the site has no file here."""
        try:
            return load_site(site).teams_of(user_id)
        except ConfigError as error:
            log.warning("nobody can decide for site %s: %s", site, error)
            return frozenset()

    def hold(self, site: str, order_id: str, code: str, verdict: Verdict, signed: Signed, seen: Seen) -> Decision:
        """End an order's hold or leave it."""
        decide = people.lift_hold if verdict is Verdict.LIFTED else people.refuse_hold
        return decide(_store(site), order_id, code, signed.person, signed.reason, system_clock, seen)

    def reading(self, site: str, warehouse: str, verdict: Verdict, signed: Signed, seen: Seen) -> Decision:
        """Accept a doubtful stock reading once or leave it."""
        decide = people.accept_reading if verdict is Verdict.LIFTED else people.refuse_reading
        return decide(_store(site), warehouse, signed.person, signed.reason, system_clock, seen)

    def correct(self, site: str, order_id: str, field: str, value: str, signed: Signed, seen: Seen) -> None:
        """Tell the warehouse this value in place of the shop's."""
        people.correct_order(_store(site), order_id, field, value, signed.person, signed.reason, system_clock, seen)


def _store(site: str) -> PostgresStore:
    return PostgresStore(store_url(), site)
