"""Identifiers to try, complete applications to send, and people whose certificates can be fetched at once."""

from __future__ import annotations

import base64
from datetime import date, datetime, time
from typing import Final

from mocks.engine import working_days
from mocks.engine.clock import HANOI
from mocks.engine.service import Sample, World
from mocks.population import Address, Person
from mocks.services.criminal_records.applications import SEEDED, birth_text
from mocks.services.criminal_records.certificate import Paper, render
from mocks.services.criminal_records.courses import SUPPLEMENT, WITH_RESULT
from mocks.services.criminal_records.register import Register

_UNKNOWN: Final = (SEEDED.format(8001), SEEDED.format(8002), "H58.99-250105-0001")
_FRESH: Final = "000.00.04.H58-260106-{:04d}"
_NOTES: Final = {
    1: "newly registered", 2: "received", 3: "not received", 4: "in process", 5: "a supplement is asked for",
    6: "a payment is asked for", 7: "withdrawn", 8: "stopped", 9: "issued", 10: "handed over",
}  # fmt: skip
_PARENT_AGE: Final = 25
_DAYS_PROMISED: Final = 8


def samples(world: World, register: Register) -> dict[str, list[Sample]]:
    """Returns the samples by gateway operation, for the virtual today."""
    return {
        "criminal_records.apply": _orders(world),
        "criminal_records.supplement": _supplements(world, register),
        "criminal_records.cancel": _cancels(register),
        "criminal_records.application": _applications(register),
        "criminal_records.certificate": _certificates(register),
    }


def _applications(register: Register) -> list[Sample]:
    chosen: dict[int, list[str]] = {}
    for found in register.seeded():
        chosen.setdefault(register.state(found), []).append(found.code)
    firsts = [_path(codes[0], _NOTES[state]) for state, codes in sorted(chosen.items())]
    issued = [_path(code, _NOTES[9]) for code in chosen.get(9, ())[1:3]]
    return [*firsts, *(_absent(code) for code in _UNKNOWN), *issued]


def _supplements(world: World, register: Register) -> list[Sample]:
    """Returns the applications that a supplement is asked for, whole again."""
    people, today = world.population.people, world.clock.today()
    asked = [found for found in register.seeded() if register.state(found) == SUPPLEMENT and found.person is not None]
    return [
        {
            "path": {"dossier_code": found.code},
            "body": {**_order(world, people[found.person or 0], 0, today), "dossier_code": found.code},
            "headers": {"Idempotency-Key": f"sample-{found.code}-supplement"},
            "note": _NOTES[SUPPLEMENT],
        }
        for found in asked
    ]


def _cancels(register: Register) -> list[Sample]:
    """Returns an application that was sent, so that it can't be cancelled, and one that nobody knows."""
    return [_path(next(iter(register.seeded())).code, "sent already: a conflict"), _absent(_UNKNOWN[0])]


def _certificates(register: Register) -> list[Sample]:
    with_paper = [found for found in register.seeded() if register.state(found) in WITH_RESULT]
    there = [_path(found.code, f"form {found.form}") for found in with_paper if not register.revoked(found)]
    revoked = [_absent(found.code, "revoked") for found in with_paper if register.revoked(found)]
    not_yet = next(found for found in register.seeded() if register.state(found) not in WITH_RESULT)
    return [*there[1:], _absent(_UNKNOWN[0]), _absent(not_yet.code, "not issued yet"), *revoked, there[0]]


def _path(code: str, note: str) -> Sample:
    return {"path": {"application_id": code}, "note": note}


def _absent(code: str, note: str = "no such application") -> Sample:
    return {**_path(code, note), "exists": False}


# ---- whole applications


def _orders(world: World) -> list[Sample]:
    people = world.population.people
    heads = [person for person in map(people.__getitem__, range(0, 480, 24)) if person.birth_date.year <= 2004]
    plain, mandating, rich = heads[:3]
    old = next(person for person in map(people.__getitem__, range(2_000)) if person.birth_precision == "year")
    today = world.clock.today()
    bodies = (
        ("form 1, plain", _order(world, plain, 7001, today)),
        ("form 2, with a scan", {**_order(world, rich, 7002, today), "certificate_form": 2, "attachments": [_scan()]}),
        ("by mandate", {**_order(world, mandating, 7003, today), "mandatee": _mandatee(heads[3])}),
        ("only the year of birth is known", _order(world, old, 7004, today)),
        ("by post, three copies", {**_order(world, heads[4], 7005, today), "channel": "post", "copies": 3}),
    )
    return [
        {"body": body, "headers": {"Idempotency-Key": f"sample-{body['dossier_code']}"}, "note": note}
        for note, body in bodies
    ]


def _order(world: World, person: Person, sequence: int, today: date) -> dict[str, object]:
    people = world.population.people
    household = [people[index] for index in people.household(person.household_index).members if index != person.index]
    spouse = next((other for other in household if {other.relation, person.relation} == {"head", "spouse"}), None)
    born = person.birth_date.year - _PARENT_AGE
    body: dict[str, object] = {
        "dossier_code": _FRESH.format(sequence),
        "received_on": today.isoformat(),
        "due_on": _due(today).isoformat(),
        "channel": "online",
        "certificate_form": 1,
        "confirm_position_bans": False,
        "copies": 1,
        "purpose": {"name": "Bổ sung hồ sơ xin việc làm"},
        "applicant": _applicant(person),
        "father": {"full_name": f"{person.full_name.split()[0]} Văn Ưng", "birth_date": _year(born)},
        "mother": {"full_name": "Huỳnh Thị Mỹ Duyên", "birth_date": _year(born + 2)},
        "residences": [
            {
                "start": _month(stay.starts),
                "end": _month(stay.ends or today),
                "place": stay.address.after_reform,
                "occupation": stay.occupation,
            }
            for stay in people.residences(person)
        ],
    }
    if spouse is not None:
        body["spouse"] = {"full_name": spouse.full_name, "birth_date": _birth(spouse)}
    return body


def _due(today: date) -> date:
    return working_days.after(datetime.combine(today, time.min, HANOI), _DAYS_PROMISED).date()


def _applicant(person: Person) -> dict[str, object]:
    found: dict[str, object] = {
        "full_name": person.full_name,
        "sex": person.sex,
        "birth_date": _birth(person),
        "birth_place": {
            "province": {"code": person.birth_place.new_province_code, "name": person.birth_place.new_province}
        },
        "nationality": {"code": "VN", "name": "Việt Nam"},
        "ethnicity": {"code": person.ethnic_code, "name": person.ethnic_name},
        "permanent_residence": _place(person.address),
        "identity_document": _paper(person),
        "phone": person.phone,
    }
    if person.temporary_address is not None:
        found["temporary_residence"] = _place(person.temporary_address)
    if person.email is not None:
        found["email"] = person.email
    return found


def _mandatee(person: Person) -> dict[str, object]:
    return {
        "full_name": person.full_name,
        "sex": person.sex,
        "birth_date": _birth(person),
        "residence": _place(person.address),
        "identity_document": _paper(person),
        "relation": "Anh em ruột",
    }


def _paper(person: Person) -> dict[str, object]:
    return {
        "kind": "citizen_card",
        "number": person.citizen_id,
        "issued_on": "2021-05-14",
        "issued_by": "Cục Cảnh sát quản lý hành chính về trật tự xã hội",
    }


def _place(address: Address) -> dict[str, object]:
    place = address.place
    found: dict[str, object] = {
        "ward": {"code": place.new_ward_code, "name": place.new_ward},
        "province": {"code": place.new_province_code, "name": place.new_province},
    }
    return {"street": address.street, **found} if address.street else found


def _birth(person: Person) -> dict[str, str]:
    written = "-".join(reversed(birth_text(person).split("/")))
    return {"value": written, "precision": {4: "year", 7: "month", 10: "day"}[len(written)]}


def _year(year: int) -> dict[str, str]:
    return {"value": f"{year:04}", "precision": "year"}


def _month(day: date) -> dict[str, str]:
    return {"value": f"{day:%Y-%m}", "precision": "month"}


def _scan() -> dict[str, object]:
    paper = Paper("0", "BẢN CHỤP THẺ CĂN CƯỚC", ("Bản chụp để thử nghiệm.",), datetime(2026, 1, 5, 8, tzinfo=HANOI))
    return {
        "kind": "Bản chụp thẻ căn cước",
        "file_name": "can-cuoc.pdf",
        "media_type": "application/pdf",
        "content": base64.b64encode(render(paper)).decode(),
    }
