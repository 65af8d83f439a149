"""``GET /v1/connectors``: the connected systems, their operations and their health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson
from aiohttp import web

from gateway.api.auth import Keyring
from gateway.api.response import JSON, instant
from gateway.api.routes import Request
from gateway.core.connector import Connector, Offer
from gateway.core.health import HealthBoard
from gateway.core.problems import NotFound


class Catalogue:
    """Answers the two routes of the catalogue."""

    def __init__(
        self,
        connectors: Sequence[Connector],
        offers: Sequence[Offer],
        upstreams: Mapping[str, Sequence[str]],
        health: HealthBoard,
        keys: Keyring,
    ) -> None:
        self._connectors = {connector.name: connector for connector in connectors}
        self._offers = {offer.name: offer for offer in offers}
        self._upstreams = upstreams
        self._health = health
        self._keys = keys

    def describe(self, connector: Connector) -> dict[str, object]:
        """One connector as JSON."""
        operations = []
        for operation in connector.operations:
            offer = self._offers.get(f"{connector.name}.{operation.name}")
            operations.append(
                {
                    "operation": f"{connector.name}.{operation.name}",
                    "summary": operation.summary,
                    "method": operation.method,
                    "path": f"/v1/{connector.slug}/{operation.path}",
                    "offered": offer is not None,
                    "upstream": offer.upstream if offer else None,
                }
            )
        states, planned = [], []
        for name in self._upstreams.get(connector.name, ()):
            health = self._health.of(connector.name, name)
            states.append({"upstream": name, "state": health.state, "since": instant(health.since), "why": health.why})
            if health.state == "isolated":
                until = None if health.until is None else instant(health.until)
                planned.append({"upstream": name, "from": instant(health.since), "until": until, "why": health.why})
            planned += [
                {"upstream": name, "from": instant(one.starts), "until": instant(one.ends), "why": one.why}
                for one in self._health.announced(connector.name, name)
            ]
        return {
            "name": connector.name,
            "title": connector.title,
            "state": _worst([str(entry["state"]) for entry in states]),
            "upstreams": states,
            "planned_maintenance": planned,
            "operations": operations,
        }

    async def listing(self, request: Request) -> web.StreamResponse:
        self._keys.caller(request.http.headers.get("Authorization"))
        return self._answer([self.describe(connector) for connector in self._connectors.values()], request)

    async def one(self, request: Request) -> web.StreamResponse:
        self._keys.caller(request.http.headers.get("Authorization"))
        name = request.path_values["name"].replace("-", "_")
        if name not in self._connectors:
            raise NotFound(reason="unknown_connector")
        return self._answer(self.describe(self._connectors[name]), request)

    @staticmethod
    def _answer(data: object, request: Request) -> web.Response:
        body = orjson.dumps({"data": data, "meta": {"request_id": request.request_id}})
        headers = {"Content-Type": JSON, "X-Request-Id": request.request_id, "Cache-Control": "no-cache"}
        return web.Response(body=body, headers=headers)


def _worst(states: Sequence[str]) -> str:
    return next((state for state in ("failing", "isolated", "up", "unknown") if state in states), "unknown")
