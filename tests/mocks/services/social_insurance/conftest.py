"""Social Security as a client meets it: over a real socket, signed in on both roads."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5
from typing import Any, Final

import pytest

from mocks.population import Person
from mocks.services.social_insurance.coverage import card_of
from mocks.services.social_insurance.habits import slashed_birth
from tests.support.laptop import ROOT
from tests.support.national import National

CREDENTIALS: Final = {
    path.name: path.read_text("utf-8").strip()
    for path in (ROOT / "contracts" / "social_insurance" / "credentials").iterdir()
}
PASSWORD: Final = md5(CREDENTIALS["password"].encode(), usedforsecurity=False).hexdigest().upper()
OFFICER: Final = {"hoTenCb": CREDENTIALS["officer_name"], "cccdCb": CREDENTIALS["officer_citizen_id"]}


@dataclass
class Insurance:
    """A signed-in client of the mock."""

    national: National
    token: str
    session: Mapping[str, str]

    @property
    def people(self) -> Any:
        """The population behind the mock."""
        return self.national.country.world.population.people

    async def post(self, path: str, body: object, *, token: str | None = None) -> tuple[int, Any]:
        """One call of ``apiBHXH``: status and JSON, whatever its content type."""
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        url = f"{self.national.url}/social-insurance/apiBHXH/{path}"
        async with self.national.session.post(url, json=body, headers=headers) as answer:
            return answer.status, json.loads(await answer.text())

    async def take(self, form: Mapping[str, str]) -> Any:
        """A login."""
        url = f"{self.national.url}/social-insurance/api/token/take"
        async with self.national.session.post(url, data=dict(form)) as answer:
            assert answer.status == 200
            return await answer.json()

    async def card(self, body: Mapping[str, str], session: Mapping[str, str] | None = None) -> Any:
        """A question about a card, in the officer's name unless *body* says otherwise."""
        url = f"{self.national.url}/social-insurance/api/egw/KQNhanLichSuKCB2024"
        params = dict(self.session if session is None else session)
        async with self.national.session.post(url, params=params, json={**OFFICER, **body}) as answer:
            assert answer.status == 200
            return await answer.json()

    def question(self, person: Person) -> dict[str, str]:
        """What is asked about the card of *person*."""
        card = card_of(person, self.national.country.clock.today())
        return {"maThe": card.now.number, "hoTen": person.full_name, "ngaySinh": slashed_birth(person)}

    def holder(self, result: str) -> Person:
        """The first person whose card shows this ``maKetQua``."""
        today = self.national.country.clock.today()
        everybody = (self.people[index] for index in range(len(self.people)))
        found: Person = next(person for person in everybody if card_of(person, today).result == result)
        return found

    async def breaches(self) -> list[str]:
        """The rules that the last arrival broke, as the journal tells them."""
        url = f"{self.national.url}/__mock/journal?system=social_insurance&limit=1"
        async with self.national.session.get(url) as answer:
            found: list[str] = (await answer.json())["entries"][-1]["breaches"]
            return found


@pytest.fixture
async def insurance(national: National) -> Insurance:
    """A client with the road's token and a session of the health card gateway."""
    packed = base64.b64encode(f"{CREDENTIALS['access_key']}:{CREDENTIALS['secret_key']}".encode()).decode()
    async with national.session.post(
        f"{national.url}/social-insurance/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {packed}"},
    ) as answer:
        token = (await answer.json())["access_token"]
    signed_in = Insurance(national, token, {})
    account = {"username": CREDENTIALS["username"], "password": PASSWORD}
    key = (await signed_in.take(account))["APIKey"]
    signed_in.session = {"token": key["access_token"], "id_token": key["id_token"], **account}
    return signed_in
