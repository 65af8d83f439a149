"""The tables of codes, written once more from contracts/ministry_portals/README.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TABLES: Final[Mapping[str, object]] = {
    "ministry_portals.rest.translate.CODES": {
        "1": "upstream-refused credentials",
        "2": "LOGIN_EXPIRED",
        "3": "upstream-invalid-response off_contract",
        "7": "upstream-refused credentials",
        "8": "upstream-invalid-response off_contract",
    },
    "ministry_portals.rest.translate.CODES_OF_CALLS": {
        "DongBoHoSoMC": {
            "4": "conflict already_received",
            "9": "invalid-request procedure_not_published /procedure/code",
        },
        "CapNhatTienDoHoSoMC": {
            "5": "conflict not_synced",
            "6": "conflict later_step_sent",
            "11": "conflict already_received",
        },
        "XacNhanHoSoGuiTinh": {"10": "invalid-request unknown_message /message_ids"},
    },
    "ministry_portals.rest.translate._WELL": {"0", "00"},
    "ministry_portals.rest.translate._NO_MORE": {"0"},
    "ministry_portals.rest.translate.KINDS": {"HOSO": "dossier", "KETQUA": "result"},
    "ministry_portals.transport.translate.CODES": {
        "-300": "upstream-refused credentials",
        "-301": "upstream-refused credentials",
        "-302": "upstream-invalid-response off_contract",
        "-303": "upstream-invalid-response off_contract",
        "-304": "upstream-invalid-response off_contract",
    },
    "ministry_portals.transport.translate._WELL": {"0", "00"},
    "ministry_portals.transport.translate.CHANNELS": {"0": "counter", "1": "online"},
    "ministry_portals.birth_death.translate.MODULES": {"KS": "khai sinh", "KT": "khai tử"},
    "ministry_portals.birth_death.login.STATES": {
        "newly_registered": "1",
        "received": "3",
        "in_process": "7",
        "finished": "4",
        "handed_over": "5",
    },
    "ministry_portals.birth_death.login.BEFORE": {"4": ("1", "3", "7"), "5": ("1", "3", "7")},
}
