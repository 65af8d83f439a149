"""Rights and officers of callers, over HTTP."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Answered

PARTICIPANT = "/v1/social-insurance/participants/lookup"
KEY = "lgsp_rights_only-for-tests"


async def asked(national: National, user: str = "canbo.a", dossier: str = "H58-1", **caller: Any) -> Answered:
    """A participant, asked by a caller of these rights in the name of *user*."""
    callers = {"rights": {"key_sha256": hashlib.sha256(KEY.encode()).hexdigest(), **caller}}
    sample = (await national.samples("social_insurance.participant"))[0]
    async with serving_portal(laptop_settings(national.url, callers=callers)) as portal:
        headers = {"X-User-Id": user, "X-Dossier-Id": dossier}
        return await portal.ask("POST", PARTICIPANT, body=sample["body"], headers=headers, key=KEY)


@pytest.mark.parametrize("scope", ["*", "social_insurance.*", "social_insurance.participant"])
async def test_person_is_not_shown_without_the_right_to_personal_data(scope: str, national: National) -> None:
    """Where the whole answer is about a person there is nothing to cut: the operation needs ``:personal``."""
    refused = await asked(national, scopes=[scope])
    allowed = await asked(national, scopes=[f"{scope}:personal"])

    assert refused.verdict == (403, "forbidden")
    assert allowed.status == 200
    assert await national.total("social_insurance", "getTraCuuTtHgdByMaSoBhxh") == 1


async def test_caller_asks_in_the_name_of_its_officers_alone(national: National) -> None:
    """Another's name is refused with its reason, before the source is asked."""
    scopes = ["*:personal"]
    own = await asked(national, scopes=scopes, officers=["canbo.a"])
    other = await asked(national, "canbo.b", scopes=scopes, officers=["canbo.a"])
    nobody = await asked(national, scopes=scopes, officers=[])

    assert own.status == 200
    assert (*other.verdict, other.json["reason"]) == (403, "forbidden", "officer_not_allowed")
    assert nobody.verdict == (403, "forbidden")


@pytest.mark.parametrize(("user", "dossier"), [("-", "H58-1"), ("canbo.a", "-"), ("canbo.a", "..."), ("@", "H58-1")])
async def test_sign_is_not_a_code(user: str, dossier: str, national: National) -> None:
    """A dossier and an officer have codes that can be found again."""
    refused = await asked(national, user, dossier, scopes=["*:personal"])

    assert (*refused.verdict, refused.json["reason"]) == (400, "invalid-request", "purpose_header")
