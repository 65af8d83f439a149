"""Turns a sample into a request for the page: people by `ngsp`, cards by `vss`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mocks.engine.service import Ask, Try, World, json_ask
from mocks.engine.tokens import TokenDesk
from mocks.services.social_insurance.sessions import SessionDesk

_SEXES: Final = {"male": "1", "female": "2", "other": "3"}
_PRECISIONS: Final = {"day": "0", "year": "1", "month": "2"}


def tries(world: World, desk: TokenDesk, sessions: SessionDesk) -> Mapping[str, Try]:
    """Returns the functions by gateway operation; each request gets a new token or session."""
    officer = {
        "hoTenCb": world.credential("social_insurance", "officer_name"),
        "cccdCb": world.credential("social_insurance", "officer_citizen_id"),
    }

    def ask(call: str, body: Mapping[str, str]) -> Ask:
        return json_ask(f"apiBHXH/{call}", body, headers=desk.bearer())

    def participant(sample: Mapping[str, Any]) -> Ask:
        asked = sample["body"]
        if number := asked.get("insurance_number"):
            return ask("getTraCuuTtHgdByMaSoBhxh", {"maSoBhxh": number})
        place = {
            "maTinhKs": asked["province_code"],
            "maHuyenKs": asked.get("district_code", ""),
            "maXaKs": asked.get("ward_code", ""),
            "isKs": "1" if asked.get("place") == "birth" else "0",
        }
        return ask("getMaSoBhxhTheoTieuChi", {**_person(asked), **place})

    def household(sample: Mapping[str, Any]) -> Ask:
        asked = sample["body"]
        keys = {
            "maTinh": asked["province_code"],
            "soSo": asked.get("insurance_number", ""),
            "maThe": asked.get("card_number", ""),
            "isKs": "1" if asked.get("place") == "birth" else "0",
        }
        return ask("getTraCuuThongTinHgd", {**_person(asked), **keys})

    def health_card(sample: Mapping[str, Any]) -> Ask:
        asked = sample["body"]
        born = "/".join(reversed(asked["birth_date"]["value"].split("-")))
        card = {"maThe": asked["card_number"], "hoTen": asked["full_name"], "ngaySinh": born, **officer}
        return json_ask("api/egw/KQNhanLichSuKCB2024", card, headers={}, query=sessions.query())

    return {
        "social_insurance.participant": participant,
        "social_insurance.household": household,
        "social_insurance.contributions": lambda sample: ask(
            "getQuaTrinhDong", {"maSoBhxh": sample["body"]["insurance_number"]}
        ),
        "social_insurance.health_card": health_card,
    }


def _person(asked: Mapping[str, Any]) -> dict[str, str]:
    born = asked.get("birth_date", {})
    return {
        "hoTen": asked.get("full_name", ""),
        "ngaySinh": born.get("value", "").replace("-", ""),
        "loaiNgaySinh": _PRECISIONS.get(born.get("precision", ""), ""),
        "gioiTinh": _SEXES.get(asked.get("sex", ""), ""),
    }
