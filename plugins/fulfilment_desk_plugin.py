"""The desk in Airflow: its pages in the navigation, its application behind Airflow's sign-in.

Every Airflow component executes this file, so the desk itself is imported only where the API server asks for it.
"""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

log = logging.getLogger(__name__)

_ICONS = {"icon": "/fulfilment/static/icon.svg", "icon_dark_mode": "/fulfilment/static/icon-dark.svg"}


class FulfilmentDeskPlugin(AirflowPlugin):
    """Today and Order, at /fulfilment and in the navigation."""

    name = "fulfilment_desk"
    external_views: ClassVar[list[Any]] = [
        {
            "name": "Fulfilment",
            "href": "fulfilment/",
            "destination": "nav",
            "url_route": "fulfilment",
            "nav_top_level": True,
            **_ICONS,
        },
        {
            "name": "Fulfilment order",
            "href": "fulfilment/order",
            "destination": "nav",
            "url_route": "fulfilment-order",
            "category": "browse",
            **_ICONS,
        },
    ]

    @cached_property
    def fastapi_apps(self) -> list[Any]:
        """The desk's application, which only the API server reads. Where it can't be imported, Airflow goes on."""
        try:
            from include.fulfilment.clock import system_clock
            from include.fulfilment.desk.app import create_desk
            from include.fulfilment.desk.deciding import Decisions
            from include.fulfilment.orchestration import airflow_access as access
            from include.fulfilment.orchestration.desk_decisions import ConnectedDecisions
        except ImportError:
            log.exception("The fulfilment desk is not served: this Airflow lacks something that it imports")
            return []
        decisions = Decisions(ConnectedDecisions(), access.current_id, access.authorise_decision)
        desk = create_desk(access.ConnectedDesk(), access.current_user, access.authorise, decisions, system_clock)
        return [{"app": desk, "url_prefix": "/fulfilment", "name": "Fulfilment desk"}]
