"""Turns a sample into a request for the page: the calls of dialect `lltp2024`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from mocks.engine.service import Ask, Try, World, json_ask


def tries(world: World) -> Mapping[str, Try]:
    """Returns the functions by gateway operation; to apply, the contract's example with the sample's code and name."""
    key = world.credential("criminal_records", "auth_key")
    example = world.contract("criminal_records/samples/guiHoSo.person.request.json")

    def status(sample: Mapping[str, Any]) -> Ask:
        code = sample["path"]["application_id"]
        # The contract's status sample gives the province; the mock accepts any.
        return json_ask("lltp2024/nhanTrangThai", {"authKey": key, "maTinh": "82", "maHoSoMCDT": code}, headers={})

    def apply(sample: Mapping[str, Any]) -> Ask:
        application = orjson.loads(example)
        application["maHoSoMCDT"] = sample["body"]["dossier_code"]
        application["toKhai"]["nycHoTen"] = sample["body"]["applicant"]["full_name"]
        return json_ask("lltp2024/guiHoSo", application, headers={})

    return {
        "criminal_records.apply": apply,
        "criminal_records.supplement": apply,
        "criminal_records.cancel": status,
        "criminal_records.application": status,
        "criminal_records.certificate": status,
    }
