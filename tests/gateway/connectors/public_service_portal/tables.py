"""The tables of codes, written once more from contracts/public_service_portal/README.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TABLES: Final[Mapping[str, object]] = {
    "public_service_portal.ngsp.translate.CODES": {
        "1": "upstream-refused credentials",
        "2": "LOGIN_EXPIRED",
        "3": "upstream-invalid-response off_contract",
        "7": "upstream-refused credentials",
        "8": "upstream-invalid-response off_contract",
    },
    "public_service_portal.ngsp.translate.CODES_OF_CALLS": {
        "DongBoHoSoMC": {
            "4": "conflict known_at_portal",
            "9": "invalid-request procedure_not_published /procedure/code",
        },
        "CapNhatTienDoHoSoMC": {
            "5": "conflict not_synced",
            "6": "conflict later_step_sent",
            "11": "conflict known_at_portal",
        },
        "DongBoTrangThaiHoSo": {"5": "conflict not_synced"},
        "getfile": {"12": "NO_RECORD"},
    },
    "public_service_portal.ngsp.translate._WELL": {"0", "00"},
    "public_service_portal.gen2.translate.KNOWN_CODES": {"0", "3", "-3"},
    "public_service_portal.ngsp.translate._CHANNELS": {"1": "counter", "2": "online", "3": "post"},
}
