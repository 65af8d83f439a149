"""Reading a deployment: what is wrong is said in one sentence that names where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gateway.settings import (
    COMMAND_VARIABLES,
    ConfigurationError,
    Listen,
    Settings,
    fingerprint,
    load,
    nearest,
    read_reference,
)
from tests.support.laptop import LAPTOP

Load = Callable[..., Settings]


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads a file with this text, under these variables and options."""

    def read(
        text: str, *, variables: Mapping[str, str] | None = None, options: Mapping[str, object] | None = None
    ) -> Settings:
        file = tmp_path / "deployment.yaml"
        file.write_text(text, encoding="utf-8")
        for name, value in (variables or {}).items():
            monkeypatch.setenv(name, value)
        return load(file, options)

    return read


def complaint(read: Load, text: str, **more: Mapping[str, str]) -> str:
    """The one sentence with which this deployment is refused."""
    with pytest.raises(ConfigurationError) as refused:
        read(text, **more)
    sentence = str(refused.value)

    assert "\n" not in sentence
    return sentence


MISSPELT = [
    ("conectors: {}", "unknown key 'conectors'; did you mean 'connectors'?"),
    ("listen: {prot: 1}", "unknown key 'listen.prot'; did you mean 'port'?"),
    ("cache: {entrys: 1}", "unknown key 'cache.entrys'; did you mean 'entries'?"),
    ("callers: {a: {scope: []}}", "unknown key 'callers.a.scope'; did you mean 'scopes'?"),
    ("officers: {service: {name: x}}", "unknown key 'officers.service.name'; did you mean 'full_name'?"),
    ("connectors: {x: {upstream: {}}}", "unknown key 'connectors.x.upstream'; did you mean 'upstreams'?"),
    (
        "connectors: {x: {upstreams: {}, operations: {y: {fresh: 1}}}}",
        "unknown key 'connectors.x.operations.y.fresh'; did you mean 'fresh_s'?",
    ),
]


@pytest.mark.parametrize(("text", "said"), MISSPELT)
def test_misspelt_key_is_refused_with_the_nearest_name(deployment: Load, text: str, said: str) -> None:
    """A key that does not exist is refused at whatever depth, with the nearest that does."""
    assert said in complaint(deployment, text)


def test_misspelt_key_is_told_before_the_one_that_it_leaves_missing(deployment: Load) -> None:
    """Who writes ``full_nam`` reads about that, not that ``full_name`` is missing."""
    said = complaint(deployment, "officers: {service: {full_nam: 'env:HOME', citizen_id: 'env:HOME'}}")

    assert "unknown key 'officers.service.full_nam'; did you mean 'full_name'?" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("LGSP_LISEN__PORT", "unknown variable LGSP_LISEN__PORT; did you mean 'LGSP_LISTEN'?"),
        ("LGSP_URI", "unknown variable LGSP_URI; did you mean 'LGSP_URL'?"),
        ("LGSP_LISTEN__PROT", "LGSP_LISTEN__PROT: unknown key 'listen.prot'; did you mean 'port'?"),
        (
            "LGSP_CONNECTORS__X__OPERATIONS__Y__FRESHS",
            "LGSP_CONNECTORS__X__OPERATIONS__Y__FRESHS: unknown key 'connectors.x.operations.y.freshs'",
        ),
        ("LGSP_LISTEN__PORT", "LGSP_LISTEN__PORT: listen.port: Input should be a valid integer"),
        ("LGSP_LISTEN", "a variable LGSP_… could not be parsed"),
    ],
)
def test_wrong_variable_is_named(deployment: Load, name: str, said: str) -> None:
    """A misspelt or unreadable variable is refused by its own name, not as if it stood in the file."""
    assert said in complaint(deployment, "", variables={name: "some"})


def test_variable_overrides_the_file_key_by_key(deployment: Load) -> None:
    """A variable changes its key and leaves the others of the block as the file says."""
    found = deployment("listen: {host: 127.0.0.2, port: 1}", variables={"LGSP_LISTEN__PORT": "2"})

    assert found.listen == Listen(host="127.0.0.2", port=2)


def test_variable_changes_a_part_of_the_embedded_store(deployment: Load) -> None:
    """The word of the file stays, unless a variable names another place."""
    part = deployment("store: embedded", variables={"LGSP_STORE__LEASE_S": "7"}).store
    assert part is not None
    assert (part.embedded, part.lease_s) == (True, 7)

    other = deployment("store: embedded", variables={"LGSP_STORE__URL": "postgresql://127.0.0.1/lgsp"}).store
    assert other is not None
    assert (other.embedded, other.url is None) == (False, False)


def test_option_overrides_the_variable(deployment: Load) -> None:
    """The command line wins over variables and file, and is named where it is wrong."""
    variables = {"LGSP_LISTEN__PORT": "2"}

    assert deployment("", variables=variables, options={"listen": {"port": 3}}).listen.port == 3
    assert "command line: listen.port" in complaint(deployment, "", options={"listen": {"port": 99_999}})


@pytest.mark.parametrize("name", sorted(COMMAND_VARIABLES))
def test_variables_of_the_command_are_let_pass(deployment: Load, name: str) -> None:
    """The command's own variables are no keys and no mistakes."""
    assert deployment("", variables={name: "anything"}).model_dump() == Settings().model_dump()


def test_numbers_in_variables_reach_any_depth(deployment: Load) -> None:
    """``LGSP_CONNECTORS__X__OPERATIONS__Y__FRESH_S=1`` is the number one of that operation."""
    found = deployment("", variables={"LGSP_CONNECTORS__X__OPERATIONS__Y__FRESH_S": "1"})

    assert found.connectors["x"].operations["y"].fresh_s == 1.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1", "not YAML"),
        ("x: [}", "line 1: not YAML"),
        ("when: 2026-13-45", "line 1: not YAML (no number and no date"),
        ("log: {}\nport: " + "9" * 5_000, "line 2: not YAML (no number and no date"),
        ('log: {}\nport: "\0"', "line 2: not YAML (the character U+0000"),
        ("[" * 3000, "not YAML"),
        ("- a", "expected a mapping of keys at the top"),
        ("just words", "expected a mapping of keys at the top"),
        ("1: 2", "unknown key 1"),
        ("x: !!python/object:os.system 1", "not YAML"),
        ("listen: {port: 1}\nlisten: {port: 2}", "line 2: not YAML (the key 'listen' is given twice)"),
        ("listen: {port: 1, port: 2}", "'port' is given twice"),
        ("listen: 5", "listen: expected a block of keys"),
        ("connectors: {x: }", "connectors.x: expected a block of keys"),
        ("connectors: [1]", "connectors: expected a block of keys"),
        ("listen: {port: 70000}", "listen.port: Input should be less than or equal to 65535"),
        ("log: {level: loud}", "log.level"),
        (
            "mocks_url: '${mock_url}'",
            "${mock_url} refers to a top-level key that does not exist; did you mean 'mocks_url'?",
        ),
        ("connectors: {x: {operations: {y: {fresh_s: .inf}}}}", "fresh_s: Input should be a finite number"),
        ("connectors: {x: {operations: {y: {stale_s: -1}}}}", "stale_s: Input should be greater than or equal to 0"),
        ("connectors: {x: {operations: {y: {deadline_s: 121}}}}", "deadline_s: Input should be less than or equal"),
    ],
)
def test_unusable_file_is_one_sentence(deployment: Load, text: str, said: str) -> None:
    """What is no YAML, or no value for its key, is one sentence that says where."""
    assert said in complaint(deployment, text)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file, a folder and a file that is no text are each said so."""
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\xff")

    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml could not be read: No such file or directory"):
        load(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigurationError, match="could not be read: Is a directory"):
        load(tmp_path)
    with pytest.raises(ConfigurationError, match="is not UTF-8"):
        load(binary)


# ---- secrets


@pytest.mark.parametrize("value", ["secret", "env:", "file:", "vault:x", ""])
def test_literal_secret_is_refused_without_repeating_it(value: str) -> None:
    """A secret in the clear is refused, and the sentence does not carry it further."""
    with pytest.raises(ValueError, match="a secret must be a reference") as refused:
        read_reference(value)

    assert str(refused.value) == "a secret must be a reference: env:NAME or file:/path"


def test_secret_is_read_from_variable_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``env:`` and ``file:`` give what stands there; a file's final line feed is no part of it."""
    (tmp_path / "secret").write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv("T1_SECRET", "other")

    assert read_reference("env:T1_SECRET") == "other"
    assert read_reference(f"file:{tmp_path}/secret") == "s3cret"


def test_missing_secret_names_its_key_and_its_source(deployment: Load, tmp_path: Path) -> None:
    """A secret that is not where it should be names the key and the variable or file."""
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    block = "officers: {{service: {{full_name: '{}', citizen_id: 'env:HOME'}}}}"

    assert "officers.service.full_name: the environment variable T1_NONE is not set" in complaint(
        deployment, block.format("env:T1_NONE")
    )
    assert "nothing could not be read (No such file or directory)" in complaint(
        deployment, block.format("file:nothing")
    )
    assert "empty is empty" in complaint(deployment, block.format("file:empty"))


def test_secret_files_are_found_from_the_deployment(deployment: Load, tmp_path: Path) -> None:
    """A relative ``file:`` is seen from the folder of the configuration, wherever the command runs."""
    (tmp_path / "name").write_text("Nguyễn Văn A", encoding="utf-8")
    found = deployment("officers: {service: {full_name: 'file:name', citizen_id: 'file:name'}}")

    assert found.officers["service"].full_name.get_secret_value() == "Nguyễn Văn A"


def test_secrets_show_nowhere(deployment: Load, tmp_path: Path) -> None:
    """Neither ``repr`` nor the dump nor the fingerprint of settings says a secret."""
    (tmp_path / "name").write_text("canary-7c1", encoding="utf-8")
    found = deployment("officers: {service: {full_name: 'file:name', citizen_id: 'file:name'}}")

    assert "canary" not in repr(found)
    assert "canary" not in found.model_dump_json()
    assert "canary" not in fingerprint(found)


# ---- keys and listeners


@pytest.mark.parametrize("key", ["lgsp_x_secret", "lgsp_laptop_onl", 5])
def test_only_the_laptop_key_stands_in_the_clear(deployment: Load, key: object) -> None:
    """Any other literal key is refused, unrepeated, with what to do instead."""
    said = complaint(deployment, f"callers: {{a: {{key: {key}}}}}")

    assert "callers.a.key: a key must not be written here; give key_sha256" in said
    assert f" {key}" not in said


@pytest.mark.parametrize("block", ["{}", "{scopes: ['*']}", f"{{key: lgsp_laptop_only, key_sha256: {'a' * 64}}}"])
def test_caller_has_exactly_one_key(deployment: Load, block: str) -> None:
    """A caller without a key, or with two, is refused."""
    assert "callers.a: give key_sha256" in complaint(deployment, f"callers: {{a: {block}}}")


def test_key_belongs_to_one_caller(deployment: Load) -> None:
    """Two callers with one key could not be told apart, so it is refused."""
    block = f"{{key_sha256: {'a' * 64}}}"

    assert "callers.a and callers.b have the same key" in complaint(deployment, f"callers: {{a: {block}, b: {block}}}")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "gateway.example", "127.example"])  # the case
def test_public_key_beyond_loopback_is_refused(deployment: Load, host: str) -> None:
    """The key that everybody knows is accepted where only this machine can use it."""
    text = f"listen: {{host: '{host}'}}\ncallers: {{a: {{key: lgsp_laptop_only}}}}"

    assert "is accepted on loopback only" in complaint(deployment, text)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_public_key_on_loopback_is_accepted(deployment: Load, host: str) -> None:
    """On a laptop's own addresses the public key is fine."""
    text = f"listen: {{host: '{host}'}}\ncallers: {{a: {{key: lgsp_laptop_only}}}}"

    assert deployment(text).listen.is_loopback


@pytest.mark.parametrize(
    ("listen", "ops"),
    [
        ("{port: 5}", "{port: 5}"),
        ("{port: 5, host: 0.0.0.0}", "{port: 5}"),
        ("{port: 5, host: '::'}", "{port: 5, host: 10.0.0.1}"),
        ("{port: 5, host: localhost}", "{port: 5, host: 127.0.0.1}"),
    ],
)
def test_two_listeners_on_a_port_are_refused(deployment: Load, listen: str, ops: str) -> None:
    """Two servers can't share a port, however differently their hosts are written."""
    said = complaint(deployment, f"listen: {listen}\nops: {ops}")

    assert "listen and ops have the same port 5; give ops another" in said


@pytest.mark.parametrize("ops", ["{port: 6}", "{port: 5, host: 10.0.0.1}"])
def test_listeners_apart_are_accepted(deployment: Load, ops: str) -> None:
    """Another port or another address is enough; port 0 takes a free one for each."""
    assert deployment(f"listen: {{port: 5}}\nops: {ops}")
    assert deployment("listen: {port: 0}\nops: {port: 0}")


# ---- the rest


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("upstrem", "; did you mean 'upstream'?"),
        ("zzz", "; known: other, upstream"),
    ],
)
def test_nearest_says_the_close_one_or_all(name: str, said: str) -> None:
    """A close name is offered alone; where none is close, all are listed."""
    assert nearest(name, ["upstream", "other"]) == said
    assert not nearest(name, [])


def test_fingerprint_follows_the_values(deployment: Load) -> None:
    """Equal configurations have equal fingerprints, and a changed number changes it."""
    one, again, other = (deployment(f"listen: {{port: {port}}}") for port in (1, 1, 2))

    assert fingerprint(one) == fingerprint(again) != fingerprint(other)


def test_authorities_are_found_from_the_deployment(deployment: Load, tmp_path: Path) -> None:
    """A relative ``ca_file`` is seen from the folder of the configuration."""
    found = deployment("connectors: {x: {upstreams: {y: {ca_file: ca.pem}}}}")

    assert found.connectors["x"].upstreams["y"]["ca_file"] == str(tmp_path / "ca.pem")


def test_the_laptop_file_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped configuration loads, takes the mocks' address from one variable, and holds the public key."""
    monkeypatch.setenv("LGSP_MOCKS_URL", "http://127.0.0.1:7")
    found = load(LAPTOP)

    assert found.callers["laptop"].key == "lgsp_laptop_only"
    urls = [up["url"] for block in found.connectors.values() for up in block.upstreams.values()]
    assert urls
    assert all(url.startswith("http://127.0.0.1:7/") for url in urls)
