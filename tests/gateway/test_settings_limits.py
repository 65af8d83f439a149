"""Configuration that would read, write out or run without end, or let in everybody, is refused in one sentence."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from gateway.settings import ConfigurationError, load, read_reference
from tests.gateway.test_settings import Load, complaint, deployment

__all__ = ["deployment"]

NAMED = "officers: {{o: {{full_name: 'file:{0}', citizen_id: 'file:{0}'}}}}"


# ---- secret files


def refusal(path: Path) -> str:
    """Why the secret at *path* is not read."""
    with pytest.raises(ValueError, match="the secret file") as refused:
        read_reference(f"file:{path}")
    return str(refused.value)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/random"])
def test_device_is_no_secret(device: str) -> None:
    """Some would be read for ever."""
    assert refusal(Path(device)) == f"the secret file {device} is not a regular file"


def test_pipe_is_no_secret(tmp_path: Path) -> None:
    """It would be waited for until somebody writes."""
    os.mkfifo(tmp_path / "pipe")

    assert refusal(tmp_path / "pipe") == f"the secret file {tmp_path}/pipe is not a regular file"


def test_large_file_is_no_secret(tmp_path: Path) -> None:
    """Up to 64 KB are read."""
    (tmp_path / "fits").write_bytes(b"a" * 65_536)
    (tmp_path / "large").write_bytes(b"a" * 65_537)

    assert read_reference(f"file:{tmp_path}/fits") == "a" * 65_536
    assert refusal(tmp_path / "large") == f"the secret file {tmp_path}/large is larger than 64 KB"


def test_file_that_is_no_text_is_no_secret(tmp_path: Path) -> None:
    """Its bytes are not repeated."""
    (tmp_path / "binary").write_bytes(b"\xffcanary")

    assert refusal(tmp_path / "binary") == f"the secret file {tmp_path}/binary is not UTF-8"


@pytest.mark.parametrize("sort", ["device", "pipe", "large", "folder", "binary"])
def test_unusable_secret_is_one_sentence_of_the_deployment(sort: str, deployment: Load, tmp_path: Path) -> None:
    """With the key that names it."""
    path = tmp_path / sort
    match sort:
        case "device":
            path = Path("/dev/zero")
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case _:
            path.write_bytes(b"\xff" * (1 if sort == "binary" else 70_000))

    assert f"officers.o.full_name: the secret file {path} " in complaint(deployment, NAMED.format(path))


def test_only_plain_blanks_around_a_secret_are_taken_off(tmp_path: Path) -> None:
    """Another character belongs to the secret."""
    (tmp_path / "secret").write_text(" \ts3cret\xa0\r\n", encoding="utf-8")

    assert read_reference(f"file:{tmp_path}/secret") == "s3cret\xa0"


# ---- YAML


def bomb(levels: int) -> str:
    """Ten to the power of *levels* values in a few lines."""
    lines = ["officers:", "  a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        bomb(9),
        bomb(40),
        "officers:\n  a0: &a0 {x: {y: z}}\n"
        + "\n".join(f"  a{n}: &a{n} {{b: *a{n - 1}, c: *a{n - 1}}}" for n in range(1, 30)),
        "officers:\n  a0: &a0 {x: 1}\n"
        + "\n".join(f"  a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}, *a{n - 1}]}}" for n in range(1, 30)),
        "officers: [" + "x, " * 20_001 + "]",
    ],
    ids=["lists", "many levels", "mappings", "merged keys", "written out"],
)
def test_document_of_too_many_values_is_refused(deployment: Load, text: str) -> None:
    """Before its aliases are written out."""
    assert "more than 20000 values" in complaint(deployment, text)


@pytest.mark.parametrize(
    "text",
    [
        "connectors: &a {x: *a}",
        "connectors: &a [*a]",
        "connectors: &a {x: {upstreams: {y: *a}}}",
        "&a connectors: {x: &b {y: &c [*b]}}",
        "connectors: &a {<<: *a}",
    ],
)
def test_alias_within_itself_is_refused(deployment: Load, text: str) -> None:
    """It has no end."""
    assert "an alias refers to what it is part of" in complaint(deployment, text)


def test_plain_aliases_are_read(deployment: Load) -> None:
    """What two upstreams share may be written once."""
    text = "connectors: {x: {upstreams: {a: &a {url: 'http://x'}, b: *a, c: {<<: *a, road: direct}}}}"
    found = deployment(text).connectors["x"].upstreams

    assert found["b"] == {"url": "http://x"}
    assert found["c"] == {"url": "http://x", "road": "direct"}


@pytest.mark.parametrize("nested", ["[" * 3_000 + "]" * 3_000, "{a: " * 400 + "1" + "}" * 400])
def test_deep_document_is_one_sentence(deployment: Load, nested: str) -> None:
    """However deep."""
    assert complaint(deployment, f"connectors: {nested}")


def test_configuration_that_does_not_end_is_refused() -> None:
    """A device in place of the file is read as far as a configuration can be long."""
    with pytest.raises(ConfigurationError, match=r"^the configuration /dev/zero is larger than 1024 KB$"):
        load(Path("/dev/zero"))


# ---- keys


@pytest.mark.parametrize("block", ["callers: {{a: {}}}", "ops: {{operators: {{a: {}}}}}"])
@pytest.mark.parametrize(
    ("key", "said"), [("", "an empty key"), ("lgsp_laptop_only", "the public key lgsp_laptop_only")]
)
def test_hash_of_a_key_that_everybody_knows_is_refused(deployment: Load, block: str, key: str, said: str) -> None:
    """As a hash it would be accepted beyond loopback."""
    digest = hashlib.sha256(key.encode()).hexdigest()

    assert f"key_sha256: this is the hash of {said}" in complaint(
        deployment, block.format(f"{{key_sha256: '{digest}'}}")
    )


def test_operators_are_held_to_the_rules_of_callers(deployment: Load) -> None:
    """One key each, no public key beyond loopback, no key in the clear."""
    same = f"{{key_sha256: '{'a' * 64}'}}"

    assert "ops.operators.a and ops.operators.b have the same key" in complaint(
        deployment, f"ops: {{operators: {{a: {same}, b: {same}}}}}"
    )
    assert "accepted on loopback only" in complaint(
        deployment, "ops: {host: 0.0.0.0, operators: {a: {key: lgsp_laptop_only}}}"
    )
    assert "must not be written here" in complaint(deployment, "ops: {operators: {a: {key: lgsp_x_secret}}}")
    assert "scopes" in complaint(deployment, f"ops: {{operators: {{a: {{key_sha256: '{'a' * 64}', scopes: [all]}}}}}}")
    assert deployment(f"ops: {{operators: {{a: {same}}}}}").ops.operators["a"].scopes == ("read",)
