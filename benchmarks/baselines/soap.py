"""A handler that calls zeep's AsyncClient with its own transport, as in zeep's documentation."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import orjson
import zeep
from aiohttp import web
from zeep.helpers import serialize_object
from zeep.transports import AsyncTransport

from benchmarks.baselines import run, serve


def plain(value: object) -> object:
    if isinstance(value, Decimal | date | datetime):
        return str(value)
    raise TypeError(type(value))


def make_app(wsdl: Path, address: str) -> web.Application:
    client = zeep.AsyncClient(str(wsdl), transport=AsyncTransport())  # type: ignore[no-untyped-call]  # zeep is half typed
    # The WSDL has another address; zeep's create_service returns a synchronous proxy, so the options are set here.
    client.service._binding_options["address"] = address  # noqa: SLF001  # as above

    async def document(request: web.Request) -> web.Response:
        found = await client.service.ChiTietVanBan(Id=request.match_info["document_id"])
        value = serialize_object(found)  # type: ignore[no-untyped-call]  # zeep is half typed
        return web.Response(body=orjson.dumps(value, default=plain), content_type="application/json")

    app = web.Application()
    app.router.add_get("/v1/legal-documents/documents/{document_id}", document)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--wsdl", type=Path, required=True)
    given = parser.parse_args()

    async def main() -> None:
        # The client is made on a running loop, as in zeep's documentation.
        await serve(make_app(given.wsdl, f"{given.upstream}/legal-documents/ws"), given.port)

    run(main())
