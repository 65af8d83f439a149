"""CSDLQG về bảo hiểm: dialect `ngsp` [G] with its contribution history [S], and the health cards of `vss` [G]."""

from __future__ import annotations

from functools import partial

import yaml

from mocks.engine.service import Call, Reply, Request, Service, World, json_reply
from mocks.engine.tokens import TokenDesk
from mocks.services.social_insurance.cards import CARD_FIELDS, CardDesk
from mocks.services.social_insurance.participants import (
    CONTRIBUTION_FIELDS,
    MEMBER_FIELDS,
    NUMBER_FIELDS,
    PARTICIPANT_FIELDS,
    Participants,
)
from mocks.services.social_insurance.samples import samples
from mocks.services.social_insurance.sessions import SessionDesk
from mocks.services.social_insurance.tries import tries

_WITHOUT_NUMBER = "its answer does not repeat the number of the request"


def open_service(world: World) -> Service:
    """Opens Social Security with new tokens and sessions; records do not change, cards follow the virtual day."""
    desk, sessions = TokenDesk(world, "social_insurance"), SessionDesk(world)
    return Service(
        name="social_insurance",
        title="CSDLQG về bảo hiểm",
        samples=partial(samples, world),
        tries=tries(world, desk, sessions),
        calls=(
            *_participant_calls(desk, Participants(world)),
            *_card_calls(sessions, CardDesk(world)),
            _document(world, "ngsp", "apiBHXH/openapi.json"),
            _document(world, "vss", "api/openapi.json"),
        ),
    )


def _participant_calls(desk: TokenDesk, people: Participants) -> tuple[Call, ...]:
    post = partial(desk.guarded, method="POST", shown=frozenset({"loaiNgaySinh", "isKs"}))
    return (
        desk.call(),
        post(
            name="getMaSoBhxhTheoTieuChi",
            path="apiBHXH/getMaSoBhxhTheoTieuChi",
            answer=people.number,
            another=people.another_number,
            fields=NUMBER_FIELDS,
        ),
        post(
            name="getTraCuuTtHgdByMaSoBhxh",
            path="apiBHXH/getTraCuuTtHgdByMaSoBhxh",
            answer=people.participant,
            why_no_another=_WITHOUT_NUMBER,
            fields=PARTICIPANT_FIELDS,
        ),
        post(
            name="getTraCuuThongTinHgd",
            path="apiBHXH/getTraCuuThongTinHgd",
            answer=people.household,
            another=people.another_household,
            fields=MEMBER_FIELDS,
        ),
        post(
            name="getQuaTrinhDong",
            path="apiBHXH/getQuaTrinhDong",
            answer=people.contributions,
            another=people.another_contributions,
            fields=CONTRIBUTION_FIELDS,
        ),
    )


def _card_calls(sessions: SessionDesk, cards: CardDesk) -> tuple[Call, ...]:
    return (
        Call(name="take", path="api/token/take", method="POST", kind="token", answer=sessions.take),
        Call(
            name="KQNhanLichSuKCB2024",
            path="api/egw/KQNhanLichSuKCB2024",
            method="POST",
            authenticate=sessions.refusal,
            spent=sessions.spent,
            answer=cards.verify,
            another=cards.another,
            fields=CARD_FIELDS,
        ),
    )


def _document(world: World, name: str, path: str) -> Call:
    """Returns the call that serves the contract of a dialect."""
    text = world.contract(f"social_insurance/{name}.yaml")

    def answer(_: Request) -> Reply:
        return json_reply(yaml.safe_load(text))

    return Call(name="openapi", path=path, kind="document", answer=answer)
