"""``lgsp lookup``: a table on a terminal, JSON in a pipe, and an exit status that a script can use."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer
from typing import Any

import pytest

from gateway.__main__ import main
from gateway.cli.lookup import show
from tests.support.command import Command, on_terminal
from tests.support.laptop import ROOT
from tests.support.pair import Pair

Samples = Mapping[str, Sequence[Mapping[str, Any]]]


@pytest.fixture
def gateway_at(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """The pair, named by the variables that the command reads."""
    monkeypatch.setenv("LGSP_URL", pair.gateway)
    monkeypatch.setenv("LGSP_DOSSIER", "000.00.04.H58-261124-0001")
    monkeypatch.setenv("LGSP_USER", "canbo.test")
    return pair


@pytest.fixture(scope="session")
def samples(pair: Pair) -> Samples:
    """What may be asked."""
    with urllib.request.urlopen(f"{pair.mocks}/__mock/samples", timeout=10) as answer:
        found: Samples = json.load(answer)
        return found


@pytest.fixture
def code(samples: Samples) -> str:
    """A known enterprise."""
    found: str = samples["business_registry.enterprise"][0]["path"]["enterprise_code"]
    return found


@pytest.mark.parametrize("ok", [True, False])
def test_terminal_does_not_obey_an_answer(ok: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences are shown, and square brackets are text and no markup of ours."""
    odd = "\x1b[2J\x9b31m\u202e[red]"
    meta = dict.fromkeys(("system", "operation", "freshness", "fetched_at", "request_id"), odd)
    problem = {"status": 404, "title": odd, "detail": odd, "errors": [{"pointer": odd, "message": odd}]}
    with on_terminal():
        show({"data": {"name": odd, odd: 1}, "meta": meta} if ok else problem, ok=ok)
    shown = capsys.readouterr().out

    assert "\\x1b[2J\\x9b31m\\u202e[red]" in shown
    assert not {"\x9b", "\u202e"} & set(shown)
    assert "\x1b[2J" not in shown


def test_answer_is_json_in_a_pipe(code: str, gateway_at: Pair, lgsp: Command) -> None:
    """A script gets the whole envelope and 0."""
    ran = lgsp("lookup", "business_registry.enterprise", code)

    assert ran.status == 0
    assert ran.json["data"]["enterprise_code"] == code


def test_answer_is_a_table_on_a_terminal(code: str, gateway_at: Pair, lgsp: Command) -> None:
    """A person gets rows of names and values, and where they are from."""
    with on_terminal():
        ran = lgsp("lookup", "business_registry.enterprise", code)
        as_json = lgsp("lookup", "business_registry.enterprise", code, "--json").json

    assert ran.status == 0
    assert code in ran.out
    assert "head_office.province.name" in ran.out
    assert "fetched" in ran.out
    assert as_json["data"]["enterprise_code"] == code


def test_no_such_record_is_1_with_its_problem(samples: Samples, gateway_at: Pair, lgsp: Command) -> None:
    """A 404 is a problem in JSON, and 1."""
    unknown = next(s for s in samples["business_registry.enterprise"] if s.get("exists") is False)
    ran = lgsp("lookup", "business_registry.enterprise", unknown["path"]["enterprise_code"])

    assert (ran.status, ran.json["code"]) == (1, "not-found")


def test_problem_is_told_to_a_person(gateway_at: Pair, lgsp: Command) -> None:
    """On a terminal a problem is its sentence and the fields it points at."""
    with on_terminal():
        ran = lgsp("lookup", "business_registry.enterprise", "0300588568")

    assert ran.status == 1
    assert "400 Invalid request" in ran.out
    assert "/enterprise_code" in ran.out


def test_fields_go_where_the_operation_wants_them(samples: Samples, gateway_at: Pair, lgsp: Command) -> None:
    """A query string for a GET, a body for a POST, both from ``--data``."""
    listed = samples["business_registry.registrations"][0]["query"]
    person = samples["social_insurance.participant"][0]["body"]

    assert isinstance(
        lgsp("lookup", "business_registry.registrations", "--data", json.dumps(listed)).json["data"], list
    )
    assert lgsp("lookup", "social_insurance.participant", "--data", json.dumps(person)).json["data"]["full_name"]


def test_data_is_read_from_a_file_and_from_a_pipe(
    samples: Samples, gateway_at: Pair, lgsp: Command, tmp_path: Path
) -> None:
    """``@FILE`` and ``-`` stand for what is in them."""
    text = json.dumps(samples["social_insurance.participant"][0]["body"])
    file = tmp_path / "body.json"
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "gateway", "lookup", "social_insurance.participant", "--data", "-"]
    piped = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, check=False, timeout=60)
    from_file = lgsp("lookup", "social_insurance.participant", "--data", f"@{file}")

    assert from_file.status == 0
    assert piped.returncode == 0, piped.stderr
    assert json.loads(piped.stdout)["data"] == from_file.json["data"]


def test_purpose_is_an_option_as_well(
    samples: Samples, gateway_at: Pair, lgsp: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a purpose a question about a person is refused; options give it like the variables."""
    for name in ("LGSP_DOSSIER", "LGSP_USER"):
        monkeypatch.delenv(name)
    body = json.dumps(samples["social_insurance.participant"][0]["body"])
    ask = ("lookup", "social_insurance.participant", "--data", body)

    assert lgsp(*ask).json["code"] == "purpose-required"
    assert lgsp(*ask, "--dossier", "d", "--user", "u").status == 0


def test_order_gets_a_key_of_its_own(samples: Samples, gateway_at: Pair, lgsp: Command) -> None:
    """Where a key is demanded the command makes one."""
    body = samples["criminal_records.apply"][1]["body"]
    ran = lgsp("lookup", "criminal_records.apply", "--data", json.dumps(body), "--dossier", body["dossier_code"])

    assert ran.status == 0
    assert ran.json["data"]["state"] == "accepted"


def test_file_is_written_to_a_pipe_and_not_to_a_terminal(
    samples: Samples, gateway_at: Pair, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A certificate is its bytes; on a terminal the command says how to save it."""
    wanted = samples["criminal_records.certificate"][0]["path"]["application_id"]
    with on_terminal(), pytest.raises(SystemExit):
        main(["lookup", "criminal_records.certificate", wanted])
    told = capfdbinary.readouterr()
    with pytest.raises(SystemExit):
        main(["lookup", "criminal_records.certificate", wanted])
    written = capfdbinary.readouterr()

    assert b"redirect it" in told.err
    assert not told.out
    assert written.out.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["business_registry.enterprize"],
            "does not offer the operation 'business_registry.enterprize'; did you mean 'business_registry.enterprise'?",
        ),
        (["business_registry.enterprise"], "takes 1 path value(s) (ENTERPRISE_CODE), 0 given"),
        (["business_registry.enterprise", "1", "2"], "takes 1 path value(s) (ENTERPRISE_CODE), 2 given"),
        (["legal_documents.search", "--data", "{"], "--data is not JSON"),
        (["legal_documents.search", "--data", "[]"], "--data must be a JSON object"),
        (
            ["legal_documents.search", "--data", "@/nowhere.json"],
            "--data: /nowhere.json could not be read (No such file or directory)",
        ),
        (["legal_documents.search", "--data", "@"], "--data: @ names no file"),
        (["legal_documents.search", "--data", '{"a": ' * 9_999], "--data is not JSON"),
        (["legal_documents.search", "--data", '{"q": "a", "q": "b"}'], "--data: the field 'q' is given twice"),
        (["legal_documents.search", "--data", "@/dev/zero"], "--data: /dev/zero is larger than 32 MiB"),
        (["legal_documents.search", "--user", "cán bộ"], "--user has a character that can't be sent"),
        (["legal_documents.search", "--dossier", "hồ sơ"], "--dossier has a character that can't be sent"),
    ],
)
def test_wrong_usage_is_one_sentence_and_2(arguments: list[str], said: str, gateway_at: Pair, lgsp: Command) -> None:
    """What can't be asked is told before anything is asked."""
    ran = lgsp("lookup", *arguments)

    assert ran.status == 2
    assert said in ran.sentence


def test_wrong_key_is_1(code: str, gateway_at: Pair, lgsp: Command) -> None:
    """A key that is not accepted is the gateway's answer."""
    ran = lgsp("lookup", "business_registry.enterprise", code, "--key", "lgsp_x_y")

    assert (ran.status, ran.json["code"]) == (1, "unauthenticated")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}", "http://127.0.0.1:{port}/", "nonsense", "ftp://x", "http://127.0.0.1:80 81"]
)
def test_no_gateway_is_one_sentence_and_1(url: str, lgsp: Command) -> None:
    """Where nobody answers the command says where it asked, and how to start one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ran = lgsp("lookup", "business_registry.enterprise", "0300588569", "--url", url.format(port=port))

    assert ran.status == 1
    assert "does not answer" in ran.sentence
    assert "lgsp serve" in ran.sentence
    assert "set LGSP_URL" in ran.sentence


@pytest.mark.parametrize(
    ("option", "value"),
    [("--key", "lgsp_hidden\n"), ("--key", "lgsp_hidden\udcff"), ("--url", "http://me:hidden@127.0.0.1:1/")],
)
def test_a_secret_that_can_not_be_sent_is_not_shown(option: str, value: str, lgsp: Command) -> None:
    """Wrong usage is told by the option's name, and not as a gateway that does not answer."""
    ran = lgsp("pause", "criminal_records", "--reason", "they called", option, value)

    assert ran.status == 2
    assert option in ran.sentence
    assert "hidden" not in ran.err


def test_no_operators_port_is_told_with_its_own_variable(lgsp: Command) -> None:
    """The address of the operator's port is in another variable than that of the API."""
    ran = lgsp("pause", "criminal_records", "--reason", "they called", "--url", "http://127.0.0.1:80 81")

    assert ran.status == 1
    assert "set LGSP_OPS_URL" in ran.sentence


def test_server_that_is_no_gateway_is_one_sentence(pair: Pair, lgsp: Command) -> None:
    """A server that does not describe itself as a gateway is told as such, not as a bug."""
    ran = lgsp("lookup", "business_registry.enterprise", "0300588569", "--url", pair.mocks)

    assert ran.status == 1
    assert "is not an LGSP gateway" in ran.sentence


def test_server_that_is_no_operators_port_is_one_sentence(pair: Pair, lgsp: Command) -> None:
    """Another server's refusal is not told as an empty one of the gateway."""
    ran = lgsp("applications", "list", "--url", pair.mocks)

    assert ran.status == 1
    assert "is not the operator's port" in ran.sentence


@pytest.mark.parametrize("command", ["applications", "dossiers"])
def test_a_code_that_is_blank_is_one_sentence(command: str, lgsp: Command) -> None:
    """It would be the path of another route."""
    ran = lgsp(command, "show", " ")

    assert (ran.status, ran.sentence) == (2, "the code is blank; give the dossier's code")


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_answer_that_breaks_off_is_one_sentence(framing: str, lgsp: Command) -> None:
    """What came of it is not shown as if it were the whole."""

    class Half(StreamRequestHandler):
        """Says the half of an answer."""

        def handle(self) -> None:
            self.request.recv(65_536)
            self.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{framing}\r\n\r\n3e8\r\nhalf".encode())

    with TCPServer(("127.0.0.1", 0), Half) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        ran = lgsp("lookup", "legal_documents.content", "104736", "--url", address)
        server.shutdown()
        serving.join()

    assert ran.status == 1
    assert "broke off" in ran.sentence
