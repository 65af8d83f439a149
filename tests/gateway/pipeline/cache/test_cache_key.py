"""Keys hold all that makes two questions different, and nothing of them leaves the process readable."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.call import Call, Purpose, Trace
from gateway.core.canonical import Canonical
from gateway.core.operation import Operation
from gateway.pipeline.cache import cache_key as keys
from gateway.pipeline.cache.cache_key import AccessScope, CacheKey, KeyedHash, KeyMaker, canonical


class Question(Canonical):
    """What is asked."""

    code: str
    on: date | None = None


class Fact(Canonical):
    """What is known."""

    code: str


RECORD: Final = Operation(name="record", query=Question, answer=Fact, path="records/{code}", summary="A record")
PERSON: Final = replace(RECORD, name="person", personal=True)
TEXT: Final = st.text(max_size=12)
PARTS: Final = st.fixed_dictionaries(
    {
        "connector": TEXT,
        "operation": TEXT,
        "query": st.binary(max_size=24),
        "scope": st.builds(AccessScope, st.sampled_from(["full", "public"]), TEXT),
        "purpose": st.sampled_from(["none", "dossier"]),
    }
)
WHOLE: Final[dict[str, Any]] = {
    "connector": "register",
    "operation": "record",
    "query": b'{"code":"a"}',
    "scope": AccessScope("full", "portal"),
    "purpose": "dossier",
}


def call(
    code: str = "a",
    operation: Operation[Any, Any] = RECORD,
    *,
    caller: str = "portal",
    view: Literal["full", "public"] = "full",
    connector: str = "register",
    purpose: Purpose | None = None,
) -> Call:
    """A call."""
    return Call(
        connector=connector,
        operation=operation,
        query=Question(code=code),
        caller=caller,
        request_id="r1",
        expires_at=0.0,
        trace=Trace(0.0),
        view=view,
        purpose=purpose,
    )


@pytest.mark.parametrize("dropped", WHOLE)
def test_key_can_not_be_built_without_any_of_its_parts(dropped: str) -> None:
    """Leaving out operation, query, scope or purpose class is an error at the line that does it."""
    with pytest.raises(TypeError):
        CacheKey(**{name: part for name, part in WHOLE.items() if name != dropped})


def test_key_can_not_be_built_from_bytes() -> None:
    """There is no way around the parts."""
    with pytest.raises(TypeError):
        CacheKey(b"register")  # type: ignore[misc,call-arg]  # what is refused


@given(PARTS, PARTS)
def test_different_questions_never_share_a_key(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Two keys are equal exactly where all parts are: no two tenants, scopes, purposes or queries meet in one."""
    assert (CacheKey(**one) == CacheKey(**other)) == (one == other)


@given(PARTS, st.data())
def test_every_part_counts(parts: dict[str, Any], data: st.DataObject) -> None:
    """Changing one part alone changes the key: a key that dropped any part would fail here."""
    name = data.draw(st.sampled_from(sorted(parts)))
    other = data.draw(PARTS)

    changed = {**parts, name: other[name]}

    assert (CacheKey(**parts) == CacheKey(**changed)) == (parts[name] == other[name])


CHANGES: Final[dict[str, dict[str, Any]]] = {
    "connector": {"connector": "registry"},
    "operation": {"operation": "records"},
    "query": {"query": b'{"code":"b"}'},
    "view": {"scope": AccessScope("public", "portal")},
    "tenant": {"scope": AccessScope("full", "ministry")},
    "purpose": {"purpose": "none"},
}


def told_apart() -> set[str]:
    """The parts that alone make two keys different."""
    return {part for part, change in CHANGES.items() if CacheKey(**WHOLE) != CacheKey(**{**WHOLE, **change})}


def test_every_part_alone_tells_two_questions_apart() -> None:
    """Connector, operation, query, view, tenant and purpose class: each is in the key."""
    assert told_apart() == set(CHANGES)


@pytest.mark.parametrize("dropped", sorted(CHANGES))
def test_a_key_that_drops_a_part_is_found_out(monkeypatch: pytest.MonkeyPatch, dropped: str) -> None:
    """The mutation check of the test above: a key made without one part no longer tells that part apart."""
    whole_head = keys._head

    def head(connector: str, operation: str, scope: AccessScope, purpose: keys.PurposeClass) -> keys._Head:
        kept = {
            "connector": connector,
            "operation": operation,
            "view": scope.view,
            "tenant": scope.tenant,
            "purpose": purpose,
        }
        kept[dropped] = "public" if dropped == "view" else "none"
        return whole_head(
            kept["connector"], kept["operation"], AccessScope(kept["view"], kept["tenant"]), kept["purpose"]
        )

    if dropped == "query":
        monkeypatch.setattr(CacheKey, "__new__", lambda cls, *, query, **parts: bytes.__new__(cls, keys._head(**parts)))
    else:
        monkeypatch.setattr(keys, "_head", head)

    assert told_apart() == set(CHANGES) - {dropped}


@given(TEXT, st.sampled_from([RECORD, PERSON]), TEXT, st.sampled_from(["full", "public"]))
def test_keys_made_quickly_are_those_made_from_parts(
    code: str, operation: Operation[Any, Any], caller: str, view: Literal["full", "public"]
) -> None:
    """The maker joins prepared pieces; the key is the same as that of the whole parts."""
    asked = call(code, operation, caller=caller, view=view)
    about_person = operation is PERSON

    expected = CacheKey(
        connector="register",
        operation=operation.name,
        query=canonical(asked.query),
        scope=AccessScope(view, caller if about_person else ""),
        purpose="dossier" if about_person else "none",
    )
    maker = KeyMaker("register", operation)

    assert [maker.of(asked), maker.of(asked)] == [expected, expected]


def test_callers_of_equal_rights_share_what_is_public_and_nothing_about_people() -> None:
    """An enterprise asked for by one caller answers another; a person asked for by one answers only that one."""
    public, person = KeyMaker("register", RECORD), KeyMaker("register", PERSON)

    assert public.of(call(caller="A")) == public.of(call(caller="B"))
    assert person.of(call(operation=PERSON, caller="A")) != person.of(call(operation=PERSON, caller="B"))
    assert public.of(call(view="full")) != public.of(call(view="public"))


def test_equal_queries_are_equal_however_they_were_written() -> None:
    """A query's canonical bytes follow its validated values, not the request's spelling or order of fields."""
    written = Question.model_validate_json('{"on": "2026-11-24", "code": "a"}')
    read = Question.model_validate_strings({"code": "a", "on": "2026-11-24"})

    assert canonical(written) == canonical(read)


def test_heads_do_not_grow_without_bound() -> None:
    """A million callers leave no million pieces behind."""
    maker = KeyMaker("register", PERSON)
    for number in range(3000):
        maker.of(call(operation=PERSON, caller=f"caller {number}"))

    assert len(maker._heads) <= 1024


def test_names_depend_on_secret_kind_and_content() -> None:
    """A keyed hash tells nothing without its secret, and one use of it nothing about another."""
    one, other = KeyedHash(b"1" * 32), KeyedHash.of_this_process()

    assert len({one.of("entry", b"a"), one.of("tag", b"a"), one.of("entry", b"b"), other.of("entry", b"a")}) == 4
    assert one.of("entry", b"a") == KeyedHash(b"1" * 32).of("entry", b"a")
