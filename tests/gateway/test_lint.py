"""What is lax about a valid configuration: each rule is met by one deployment, and by no sound one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from gateway.lint import laxities
from gateway.registry import plan
from gateway.settings import load
from tests.support.certificates import Authority
from tests.support.laptop import LAPTOP, ROOT

SOUND: Final[dict[str, Any]] = {
    "callers": {"portal": {"key_sha256": "ab" * 31 + "cd", "scopes": ["legal_documents.*"]}},
    "connectors": {"legal_documents": {"upstreams": {"gateway": {"url": "https://law.example", "api_key": "env:KEY"}}}},
}
HASH: Final = "0" * 64
NOW: Final = datetime.now(UTC)
OPEN: Final = {"host": "10.0.0.1", "operators": {"scrape": {"key_sha256": "ef" * 31 + "01", "scopes": ["read"]}}}
REDIS: Final = {"key": "env:LONG", "password": "env:KEY"}

PULLED: Final[dict[str, Any]] = {
    "connectors": {
        "ministry_portals": {
            "upstreams": {
                "construction": {
                    "dialect": "rest",
                    "url": "https://ministry.example",
                    "username": "u",
                    "password": "env:KEY",
                    "agency": "000.00.01.H58",
                    "pull": {},
                }
            }
        }
    }
}
"""A deployment that asks a ministry by the clock."""


SHARED: Final = {"cache": {"redis": {"url": "rediss://redis/0", **REDIS}}}
STORE: Final = {"store": {"url": "postgresql://db.example/lgsp?sslmode=verify-full", "key": "env:LONG"}}
ORDERS: Final[dict[str, Any]] = {
    "callers": {"portal": {"key_sha256": "ab" * 31 + "cd", "scopes": ["criminal_records.*"]}},
    "connectors": {
        "criminal_records": {
            "upstreams": {
                "lltp2024": {
                    "url": "https://records.example",
                    "auth_key": "env:KEY",
                    "province_code": "82",
                    "province_name": "Tỉnh Đồng Tháp",
                }
            }
        }
    },
    "privacy": {"key": "env:LONG"},
}
"""Orders, and nothing that keeps them."""


def found(
    folder: Path,
    changes: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    now: datetime | None = None,
    workers: int = 1,
) -> list[str]:
    """The rules that the sound deployment breaks with *changes*."""
    monkeypatch.setenv("KEY", "made-up")
    monkeypatch.setenv("LONG", "k" * 32)
    path = folder / "lgsp.yaml"
    path.write_text(yaml.safe_dump({**SOUND, **changes}), "utf-8")
    settings = load(path)
    return [one.rule for one in laxities(settings, plan(settings), path, now or NOW, workers)]


def system(**settings: Any) -> dict[str, Any]:
    """A deployment whose one system has these settings."""
    return {"connectors": {"legal_documents": {"upstreams": {"gateway": settings}}}}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, []),
        (PULLED, ["no-store", "pull-without-store", "no-privacy-key"]),
        ({**PULLED, "store": {"url": "postgresql://127.0.0.1/lgsp", "key": "env:LONG"}}, []),
        ({"callers": {}}, ["no-callers"]),
        ({"callers": {"portal": {"key_sha256": "ab" * 31 + "cd"}}}, ["no-scopes"]),
        ({"callers": {"portal": {"key_sha256": HASH, "scopes": ["*"]}}}, ["placeholder-hash"]),
        ({"callers": {"portal": {"key_sha256": "0123" * 16, "scopes": ["*"]}}}, ["placeholder-hash"]),
        ({"ops": {"operators": {"scrape": {"key_sha256": HASH}}}}, ["placeholder-hash"]),
        ({"ops": OPEN}, []),
        ({"ops": {**OPEN, "host": "0.0.0.0"}}, ["open-ops-port"]),
        ({"ops": {"host": "10.0.0.1"}}, ["no-reader"]),
        (system(url="http://law.example", api_key="env:KEY"), ["http-in-clear"]),
        (system(url="http://10.1.2.3", allow_private=True), ["http-in-clear"]),
        (system(url="http://127.0.0.1:9100/law", allow_private=True), []),
        (system(url="https://law.example", tls={"strict": False}), ["tls-not-strict"]),
        ({"cache": {"redis": {"url": "rediss://redis/0", **REDIS}}}, []),
        ({"cache": {"redis": {"url": "redis://127.0.0.1/0", **REDIS}}}, []),
        ({"cache": {"redis": {"url": "redis://redis/0", **REDIS}}}, ["redis-in-clear"]),
        ({"cache": {"redis": {"url": "rediss://redis/0", "key": "env:LONG"}}}, ["redis-without-password"]),
        (ORDERS, ["no-store"]),
        (ORDERS | SHARED, ["no-store", "keys-of-one-process"]),
        (ORDERS | SHARED | STORE, []),
        (SHARED, []),
        ({"store": {"url": "postgresql://db.example/lgsp?sslmode=verify-full", "key": "env:LONG"}}, []),
        ({"store": {"url": "postgresql://db.example/lgsp", "key": "env:LONG"}}, ["store-in-clear"]),
    ],
)
def test_each_rule_has_its_deployment(
    changes: dict[str, Any], rules: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule is told once, and nothing else is."""
    assert found(tmp_path, changes, monkeypatch) == rules


@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "rules"),
    [(0o755, 0o644, ["readable-secret"]), (0o755, 0o440, []), (0o700, 0o644, []), (0o755, 0o400, [])],
)
def test_secret_that_every_user_can_read_is_told(
    folder_mode: int, file_mode: int, rules: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless the folder keeps others out; the group may be the gateway's own, as in Kubernetes."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "key").write_text("made-up", "utf-8")
    (folder / "key").chmod(file_mode)
    folder.chmod(folder_mode)

    assert found(tmp_path, system(url="https://law.example", api_key="file:secrets/key"), monkeypatch) == rules


def test_workers_without_a_store_know_the_keys_of_their_own_orders_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two are told, and one is not; nor is who asks for no orders, or keeps them in a store."""
    assert found(tmp_path, ORDERS, monkeypatch, workers=2) == ["no-store", "keys-of-one-process"]
    assert found(tmp_path, ORDERS, monkeypatch, workers=1) == ["no-store"]
    assert found(tmp_path, ORDERS | STORE, monkeypatch, workers=2) == []
    assert found(tmp_path, {}, monkeypatch, workers=2) == []


def test_credentials_in_clear_are_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password on its way is worse than an answer, and the sentence says which it is."""
    monkeypatch.setenv("KEY", "made-up")
    said = []
    for more in ({"api_key": "env:KEY"}, {}):
        path = tmp_path / "lgsp.yaml"
        path.write_text(yaml.safe_dump({**SOUND, **system(url="http://law.example", **more)}), "utf-8")
        settings = load(path)
        said += [one.says for one in laxities(settings, plan(settings), path, NOW)]

    assert ["credentials" in sentence for sentence in said] == [True, False]


@pytest.mark.parametrize(
    ("days", "rules"),
    [(-1, []), (1, ["expiring-certificate"]), (29, ["expiring-certificate"]), (31, ["expired-certificate"])],
)
def test_authorities_that_end_are_told_a_month_before(
    days: int, rules: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And after it; those of this test end in thirty days."""
    changes = system(url="https://law.example", ca_file=Authority.make().bundle(tmp_path))

    assert found(tmp_path, changes, monkeypatch, NOW + timedelta(days=days)) == rules


def test_of_several_certificates_the_first_that_ended_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With how many there are; also in the address of the store."""
    bundle = Path(Authority.make().bundle(tmp_path))
    bundle.write_text(bundle.read_text() * 2, "utf-8")
    path = tmp_path / "lgsp.yaml"
    url = f"postgresql://db.example/lgsp?sslmode=verify-full&sslrootcert={bundle}"
    monkeypatch.setenv("KEY", "made-up")
    monkeypatch.setenv("LONG", "k" * 32)
    path.write_text(yaml.safe_dump({**SOUND, "store": {"url": url, "key": "env:LONG"}}), "utf-8")
    settings = load(path)
    (lax,) = laxities(settings, plan(settings), path, NOW + timedelta(days=31))

    assert (lax.rule, lax.where) == ("expired-certificate", "store.url")
    assert "of 2 certificates the first ended on" in lax.says


def test_the_laptop_is_sound() -> None:
    """What a newcomer starts has no warnings to get used to."""
    settings = load(LAPTOP)

    assert laxities(settings, plan(settings), LAPTOP, NOW) == []


def test_every_rule_is_on_the_page() -> None:
    """An operator finds the word of a warning, and what it means."""
    rules = set(re.findall(r"Laxity\(\s*\"([a-z-]+)\"", (ROOT / "gateway" / "lint.py").read_text("utf-8")))
    page = (ROOT / "docs" / "operate" / "configuration.md").read_text("utf-8")

    assert rules
    assert {rule for rule in rules if f"`{rule}`" not in page} == set()
