"""Runs a check: samples, login, then each case of each call, a few at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from conformance.client import TIMEOUT_S, ServiceClient, service_client
from conformance.course import MAX_SAMPLES, Course, Samples, Told
from conformance.report import Report, ServiceReport
from conformance.schema import ContractError
from conformance.service import open_service
from conformance.suite import Contract
from conformance.values import Values, read_credentials

SAMPLES: Final = "/__mock/samples"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of a check: target, contracts, credentials, samples."""

    target: str
    contracts: Sequence[Contract]
    credentials: Path | None = None
    """Folder with one folder per contract; None: each contract's published credentials."""
    values: Path | None = None
    only: Mapping[str, frozenset[str]] | None = None
    """The services to check by contract; all services of a contract that is not listed."""
    base: str | None = None
    """Replaces the contract's own path below the target."""
    writes: bool = False
    timeout_s: float = TIMEOUT_S
    samples: int = MAX_SAMPLES
    """Number of records of each kind that are asked for."""


async def check(wanted: Wanted, told: Told = lambda _name, _findings: None) -> Report:
    """Checks the target against the contracts; *told* is called with each case when it is done.

    Raises:
        Unreachable: the target does not answer.
        ContractError: a contract, its suite, a credential or the values can't be used.
    """
    async with service_client(wanted.target, timeout_s=wanted.timeout_s) as way:
        samples = await samples_of(way, wanted)
        courses = await asyncio.to_thread(courses_of, way, wanted, samples)
        for course in courses:
            course.told = told
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(course.check()) for course in courses]
        except* ContractError as errors:
            raise first_of(errors) from errors
        return Report(wanted.target, tuple(task.result() for task in tasks))


def first_of(error: BaseException) -> BaseException:
    """Returns the first error of nested exception groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def courses_of(way: ServiceClient, wanted: Wanted, samples: Samples) -> list[Course]:
    """Returns one course per selected service. It reads files: call it off the event loop."""
    return [course for contract in wanted.contracts for course in _of(contract, way, wanted, samples)]


def _of(contract: Contract, way: ServiceClient, wanted: Wanted, samples: Samples) -> Iterable[Course]:
    """Yields one course per selected service of *contract*."""
    only = (wanted.only or {}).get(contract.name)
    folder = contract.folder / "credentials" if wanted.credentials is None else wanted.credentials / contract.name
    credentials = read_credentials(folder)
    for name, suite in contract.suite.services.items():
        if only is None or name in only:
            base = (
                f"/{(contract.suite.base if wanted.base is None else wanted.base).strip('/')}/{suite.base.strip('/')}"
            )
            values = Values({}, credentials)
            service = open_service(contract.folder, suite, base.rstrip("/"), credentials)
            yield Course(
                way,
                service,
                values,
                samples,
                ServiceReport(contract.name, name),
                writes=wanted.writes,
                most=wanted.samples,
            )


async def samples_of(way: ServiceClient, wanted: Wanted) -> Samples:
    """Returns the identifiers to ask for: from the file, else from the mock itself.

    Raises:
        ContractError: the file can't be read, or the target is not a mock and no file was given.
    """
    if wanted.values is not None:
        return await asyncio.to_thread(_from_file, wanted.values)
    answer = await way.get(SAMPLES)
    if answer.status != 200 or answer.broken is not None:
        raise ContractError(
            f"{wanted.target} is not a mock and lists no identifiers: give them with --values (see docs/contracts.md)"
        )
    try:
        return _checked(json.loads(answer.body), "the target's samples")
    except ValueError as error:
        raise ContractError(f"{SAMPLES} of the target is not JSON: give identifiers with --values") from error


def _from_file(path: Path) -> Samples:
    try:
        return _checked(yaml.safe_load(path.read_text(encoding="utf-8")), str(path))
    except (OSError, yaml.YAMLError) as error:
        raise ContractError(f"{path} can't be read: {error}") from error


def _checked(samples: Any, where: str) -> Samples:
    well = isinstance(samples, dict) and all(
        isinstance(rows, list) and all(isinstance(row, dict) for row in rows) for rows in samples.values()
    )
    if not well:
        raise ContractError(f"{where}: use an object that maps operations to lists of samples")
    found: Samples = samples
    return found
