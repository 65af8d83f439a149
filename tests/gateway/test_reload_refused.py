"""Configurations that are refused while the gateway runs: by which rule, who is told, and that nothing changes."""

from __future__ import annotations

import asyncio
import copy
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.national import National, Sample
from tests.support.written import ENTERPRISE, Changing, Written, changing, hashed, written


@pytest.fixture
async def running(national: National, tmp_path: Path) -> AsyncIterator[Changing]:
    """A gateway that runs by a file."""
    async with changing(await asyncio.to_thread(written, tmp_path, national.url)) as found:
        yield found


@pytest.fixture
async def sample(national: National) -> Sample:
    """A request that is answered."""
    found = await national.samples(ENTERPRISE)
    return found[0]


def _cut_off(file: Written) -> None:
    file.values.clear()


def _bad_yaml(file: Written) -> None:
    file.values["callers"] = "\x00"


def _unknown_key(file: Written) -> None:
    file.values["cached"] = {}


def _unknown_dialect(file: Written) -> None:
    file.upstream("business_registry", "ngsp")["dialect"] = "ngps"


def _unknown_connector(file: Written) -> None:
    file.values["connectors"]["businesses_registry"] = {"upstreams": {"a": {}}}


def _unknown_operation(file: Written) -> None:
    file.values["connectors"]["legal_documents"]["operations"]["documents"] = {}


def _unknown_scope(file: Written) -> None:
    file.values["callers"]["laptop"]["scopes"] = ["legal_documents.documents"]


def _secret_in_clear(file: Written) -> None:
    file.upstream("legal_documents", "gateway")["api_key"] = "s3cret-in-clear"


def _missing_secret(file: Written) -> None:
    file.upstream("legal_documents", "gateway")["api_key"] = "file:nowhere"


def _folder_of_secrets(file: Written) -> None:
    file.upstream("legal_documents", "gateway")["api_key"] = "file:."


def _folder_of_authorities(file: Written) -> None:
    file.upstream("business_registry", "ngsp")["ca_file"] = "."


def _half_a_road(file: Written) -> None:
    file.upstream("business_registry", "ngsp")["road"] = "xroad"


def _no_authorities(file: Written) -> None:
    file.path.with_name("empty.pem").write_text("")
    file.upstream("business_registry", "ngsp")["ca_file"] = "empty.pem"


def _pipe_of_authorities(file: Written) -> None:
    os.mkfifo(file.path.with_name("pipe.pem"))
    file.upstream("business_registry", "ngsp")["ca_file"] = "pipe.pem"


def _deadline(file: Written) -> None:
    file.upstream("business_registry", "ngsp")["attempt_timeout_s"] = 119


def _stale(file: Written) -> None:
    file.values["connectors"]["criminal_records"]["operations"] = {"application": {"stale_s": 60}}


def _same_key(file: Written) -> None:
    file.values["callers"]["other"] = dict(file.values["callers"]["laptop"])


def _empty_key(file: Written) -> None:
    file.values["callers"]["other"] = {"key_sha256": hashed("")}


def _bad_value(file: Written) -> None:
    file.upstream("business_registry", "ngsp")["retry"] = {"attempts": "many"}


def _another_port(file: Written) -> None:
    file.values["listen"] = {"port": 1}
    file.values["log"] = {"format": "text"}


@pytest.mark.parametrize(
    ("spoil", "rule", "place"),
    [
        (_cut_off, "empty-configuration", "connectors and callers"),
        (_bad_yaml, "invalid-value", "callers"),
        (_unknown_key, "unknown-key", "did you mean 'cache'"),
        (_unknown_dialect, "unknown-dialect", "connectors.business_registry.upstreams.ngsp.dialect"),
        (_unknown_connector, "unknown-connector", "did you mean 'business_registry'"),
        (_unknown_operation, "unknown-operation", "connectors.legal_documents.operations.documents"),
        (_unknown_scope, "unknown-scope", "callers.laptop.scopes.0"),
        (_secret_in_clear, "secret-in-clear", "connectors.legal_documents.upstreams.gateway.api_key"),
        (_missing_secret, "unreadable-secret", "connectors.legal_documents.upstreams.gateway.api_key"),
        (_folder_of_secrets, "unreadable-secret", "is not a regular file"),
        (_folder_of_authorities, "unreadable-authorities", "connectors.business_registry.upstreams.ngsp.ca_file"),
        (_half_a_road, "road-incomplete", "connectors.business_registry.upstreams.ngsp"),
        (_no_authorities, "unreadable-authorities", "connectors.business_registry.upstreams.ngsp.ca_file"),
        (_pipe_of_authorities, "unreadable-authorities", "not a regular file"),
        (_deadline, "deadline-cannot-fit", "connectors.business_registry.upstreams.ngsp.attempt_timeout_s"),
        (_stale, "never-stale", "connectors.criminal_records.operations.application.stale_s"),
        (_same_key, "same-key-twice", "callers.laptop and callers.other"),
        (_empty_key, "published-key", "callers.other.key_sha256"),
        (_bad_value, "invalid-value", "connectors.business_registry.upstreams.ngsp.retry.attempts"),
        (_another_port, "needs-restart", "listen, log.format"),
    ],
)
async def test_a_bad_file_is_refused_and_the_one_before_goes_on(
    spoil: Callable[[Written], None], rule: str, place: str, running: Changing, sample: Sample
) -> None:
    """By its rule and its place, in the answer, in ``/readyz`` and in the metrics; no secret is repeated."""
    spoil(running.file)
    refused, why = await running.refused()
    ready = await running.ops("GET", "/readyz")
    answered = await running.portal.look_up(ENTERPRISE, sample)

    assert refused == rule, why
    assert place in why
    assert "s3cret" not in why
    assert ready.status == 200
    assert ready.json["checks"]["reload"].startswith(f"refused ({rule}), the configuration before goes on: ")
    assert answered.status == 200
    assert await running.metric("lgsp_config_refused") == 1
    assert await running.metric('lgsp_config_reloads_total{result="refused"}') == 1


@pytest.mark.parametrize("spoil", [_unknown_key, _missing_secret, _folder_of_secrets, _folder_of_authorities])
async def test_a_file_that_is_mended_ends_the_refusal(spoil: Callable[[Written], None], running: Changing) -> None:
    """The metric and ``/readyz`` say that all is well again, whatever the file before named."""
    good = copy.deepcopy(running.file.values)
    spoil(running.file)
    await running.refused()
    running.file.values.clear()
    running.file.values.update(good)
    await running.changed()

    assert (await running.ops("GET", "/readyz")).json["checks"]["reload"] == "ok"
    assert await running.metric("lgsp_config_refused") == 0


async def test_a_pipe_that_nobody_writes_to_is_refused(running: Changing) -> None:
    """And is not waited for, for each later reload would wait behind it."""
    path = running.file.path
    await asyncio.to_thread(path.unlink)
    os.mkfifo(path)
    done = await asyncio.wait_for(running.reload(), 5)
    [error] = done.json["errors"]

    assert (done.status, error["code"]) == (409, "unreadable-file")
    assert "it is a pipe" in error["message"]


@pytest.mark.parametrize(
    ("content", "rule", "place"),
    [
        (b"connectors: {", "not-yaml", "gateway.yaml line "),
        (b"log: {level: info}\nlog: {}\n", "not-yaml", "line 2: not YAML (the key 'log' is given twice)"),
        (b"- a list\n", "not-yaml", "expected a mapping"),
        (b"log: {level: \xff}\n", "not-utf8", "gateway.yaml"),
        (b"#" * 2_000_000, "too-large", "gateway.yaml"),
        (b"", "empty-configuration", "connectors and callers"),
        (None, "unreadable-file", "No such file"),
    ],
    ids=["cut off", "twice", "list", "bytes", "large", "empty", "gone"],
)
async def test_bytes_that_are_no_configuration_are_refused(
    content: bytes | None, rule: str, place: str, running: Changing
) -> None:
    """Whatever became of the file."""
    path = running.file.path
    await (asyncio.to_thread(path.unlink) if content is None else asyncio.to_thread(path.write_bytes, content))
    done = await running.reload()
    [error] = done.json["errors"]

    assert (done.status, error["code"]) == (409, rule)
    assert place in error["message"]
