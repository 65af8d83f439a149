"""The models of `contracts/<system>/conformance.yaml`, and the search for all contracts that have one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from conformance.schema import ContractError

FILE: Final = "conformance.yaml"
Kind = Literal["found", "absent", "malformed"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Message(_Strict):
    """Templates of a request: `{path.enterprise_code}` comes from a sample, `{credential.secret_key}` from its file."""

    path: dict[str, Any] = Field(default_factory=dict)
    query: dict[str, Any] = Field(default_factory=dict)
    headers: dict[str, Any] = Field(default_factory=dict)
    form: dict[str, Any] | None = None
    body: Any = Field(default=None, description="JSON; for SOAP the children of the operation's element, in order")
    basic: tuple[str, str] | None = Field(default=None, description="HTTP Basic: name and password")
    element: str | None = Field(default=None, description="SOAP: a root element other than the operation's")

    def over(self, other: Message) -> Message:
        """Returns *other* overridden by this message: objects are merged, other values replaced."""
        body = other.body if self.body is None else self.body
        if isinstance(self.body, dict) and isinstance(other.body, dict):
            body = {**other.body, **self.body}
        return Message(
            path={**other.path, **self.path},
            query={**other.query, **self.query},
            headers={**other.headers, **self.headers},
            form=other.form if self.form is None else {**(other.form or {}), **self.form},
            body=body,
            basic=self.basic or other.basic,
            element=self.element or other.element,
        )


class ExpectedAnswer(_Strict):
    """The expected answer: HTTP status, and values at pointers; of a list, one alternative must fit."""

    status: int = 200
    says: list[dict[str, Any]] = Field(default_factory=list)
    fault: str | None = Field(default=None, description="SOAP: the fault code, without its prefix")

    @model_validator(mode="before")
    @classmethod
    def _one_alternative(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("says"), dict):
            return {**value, "says": [value["says"]]}
        return value


class Echo(_Strict):
    """The places where the answer repeats a value of the request; all must equal it, or with `any` one."""

    at: list[str]
    value: str
    any: bool = False
    end: bool = Field(default=False, description="The answer's value only has to end with the requested one")
    optional: bool = Field(default=False, description="An answer without these values is accepted")
    ignore: str = Field(default="", description="Characters ignored in the comparison")


class Case(ExpectedAnswer):
    """One case of a call: a request and its expected answer."""

    kind: Kind
    samples: str | None = Field(default=None, description="Key of /__mock/samples; default: the call's")
    needs: list[str] = Field(default_factory=list, description="Only samples with these values")
    lacks: list[str] = Field(default_factory=list, description="Only samples without these values")
    request: Message = Message()
    echo: Echo | None = None
    same: bool = Field(default=True, description="A repeated request gets the same answer")


class Paging(_Strict):
    """The request of a list in pages of one row."""

    rows: str
    total: str | None = None
    id: str
    samples: str | None = None
    take: int = Field(default=0, description="Index (from 0) of a sample with several rows")
    request: Message = Message()
    first: Message
    second: Message


class Call(_Strict):
    """One national call, with its name in the contract."""

    samples: str | None = None
    request: Message = Message()
    writes: bool = Field(default=False, description="A valid request changes data: sent only with --writes")
    open: bool = Field(default=False, description="The call needs no credentials")
    empty_404: bool = Field(default=False, description="A missing record may get a 404 or 410 without a body")
    cases: dict[str, Case] = Field(default_factory=dict)
    paging: Paging | None = None


class Login(_Strict):
    """The login: the requests that give or refuse a token."""

    call: str
    request: Message
    keep: dict[str, str] = Field(description="Values to keep: name to pointer in the answer; {token} in templates")
    given: ExpectedAnswer = ExpectedAnswer()
    wrong: Message
    refused: ExpectedAnswer


class Refusals(_Strict):
    """The answers of a call without credentials, and with unknown ones."""

    missing: ExpectedAnswer
    unknown: ExpectedAnswer | None = None
    unknown_request: Message = Message()


class Security(_Strict):
    """WS-Security: UsernameToken with a digest."""

    username: str
    password: str


class Dates(_Strict):
    """Fields with dates or times, and their formats (strptime)."""

    formats: list[str]
    none: list[str] = Field(default_factory=list, description="Texts that mean that the date is missing")
    fields: list[str]


class ServiceSuite(_Strict):
    """One OpenAPI file or WSDL, and its cases."""

    openapi: str | None = None
    wsdl: str | None = None
    base: str = Field(default="", description="Path below the contract's base")
    address: str = Field(default="", description="SOAP: path of the port below the base")
    unknown_call: list[int] = Field(default_factory=lambda: [404], description="Statuses for an unknown address")
    unknown_operation: ExpectedAnswer | None = Field(default=None, description="SOAP: the answer to an unknown element")
    tolerates: list[str] = Field(default_factory=list, description="Accepted content types beside the contract's")
    personal: list[str] = Field(default_factory=list, description="Fields to mask beside those marked x-personal")
    where: dict[str, str] = Field(default_factory=dict, description="Only samples with exactly these values")
    login: Login | None = None
    security: Security | None = None
    authorize: Message = Message()
    unauthorized: Refusals | None = None
    dates: list[Dates] = Field(default_factory=list)
    calls: dict[str, Call]

    @model_validator(mode="after")
    def _one_form(self) -> ServiceSuite:
        if (self.openapi is None) == (self.wsdl is None):
            raise ValueError("a service names either openapi or wsdl")
        return self


class Suite(_Strict):
    """A contract folder's conformance.yaml."""

    base: str = Field(description="Path below the target")
    services: dict[str, ServiceSuite]


class Contract(BaseModel):
    """A contract folder with its suite."""

    model_config = ConfigDict(frozen=True)

    name: str
    folder: Path
    suite: Suite


def discover(contracts: Path) -> Mapping[str, Contract]:
    """Returns all folders of *contracts* with a conformance.yaml, by name.

    Raises:
        ContractError: a conformance.yaml can't be read; the text gives the place.
    """
    return {path.parent.name: _read(path) for path in sorted(contracts.glob(f"*/{FILE}"))}


def _read(path: Path) -> Contract:
    try:
        suite = Suite.model_validate(_with_files(yaml.safe_load(path.read_text(encoding="utf-8")), path.parent))
    except yaml.YAMLError as error:
        raise ContractError(f"{path} is not YAML: {error}") from error
    except (OSError, json.JSONDecodeError) as error:
        raise ContractError(f"{path} names a file that can't be used: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ContractError(f"{path}: {where}: {first['msg']}") from error
    return Contract(name=path.parent.name, folder=path.parent, suite=suite)


def _with_files(node: Any, folder: Path) -> Any:
    """Replaces `file: samples/….json` in a request by the file's JSON, overridden by the request's own body."""
    if isinstance(node, list):
        return [_with_files(inner, folder) for inner in node]
    if not isinstance(node, dict):
        return node
    whole = {name: _with_files(inner, folder) for name, inner in node.items()}
    if isinstance(whole.get("file"), str):
        body = json.loads((folder / whole.pop("file")).read_text(encoding="utf-8"))
        whole["body"] = {**body, **(whole.get("body") or {})}
    return whole
