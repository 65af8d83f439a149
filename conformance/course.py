"""Checks one service: its login, then the cases of its calls; each case is reported when it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from conformance.client import Answer, ServiceClient
from conformance.judging import Gathered, Ruled, paged, same
from conformance.pointers import at
from conformance.report import Finding, NotChecked, ServiceReport
from conformance.rest import Rest
from conformance.service import Service
from conformance.soap import Soap
from conformance.suite import Call, Case, Message, Paging
from conformance.values import MissingValue, Values, has, value_of

#: Number of samples per case; of more, the first ones and the last are used: plain and unusual records.
MAX_SAMPLES: Final = 6
#: Unknown credentials.
_NOBODY: Final = ("kiem-thu-khong-co", "kiem-thu-sai")

Samples = Mapping[str, Sequence[Mapping[str, Any]]]
Told = Callable[[str, Sequence[Finding]], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a case, filled from a sample."""

    sample: int | None
    values: Values
    message: Message


@dataclass(slots=True)
class Course:
    """The check of one service; `report` gets each finding when it is made."""

    client: ServiceClient
    service: Service
    values: Values
    samples: Samples
    report: ServiceReport
    writes: bool = False
    most: int = MAX_SAMPLES
    told: Told = field(default=lambda _name, _findings: None)

    async def check(self) -> ServiceReport:
        """Runs all cases that can be run; the report is complete when this returns."""
        if not await self.log_in():
            self.report.not_checked.append(
                NotChecked("*", "*", "the login gave no token, so the calls could not be checked")
            )
            return self.report
        async with asyncio.TaskGroup() as group:
            for work in self._work():
                group.create_task(work)
        suite = self.service.suite
        named = set(suite.calls) | ({suite.login.call} if suite.login is not None else set())
        left = sorted(self.service.calls() - named)
        self.report.not_checked.extend(
            NotChecked(name, "*", "conformance.yaml has no case for this call") for name in left
        )
        return self.report

    async def log_in(self) -> bool:
        """Logs in if the service has a login, and checks its answers; returns False without a token."""
        login, service = self.service.suite.login, self.service
        if login is None or not isinstance(service, Rest):
            return True
        answer = await service.ask(self.client, login.call, self.values.message(login.request))
        right = Gathered(login.call, "right")
        right.add(service.verdict("token.given", answer, login.given))
        if answer.broken is None:
            right.add(service.shaped("token.shaped", login.call, login.given.status, answer))
        refused = await service.ask(self.client, login.call, self.values.message(login.wrong))
        wrong = Gathered(login.call, "wrong")
        wrong.add(service.refusal("token.refused", login.call, login.refused, refused))
        self._tell([*right.findings(), *wrong.findings()])
        tree = service.tree(answer)
        kept = {name: next((one for _, one in at(tree, pointer)), None) for name, pointer in login.keep.items()}
        if not all(kept.values()):
            return False
        self.values = self.values.with_names(kept)
        self.service = replace(service, mask=service.mask.with_secrets(list(kept.values())))
        return True

    async def ask(self, name: str, call: Call, asked: Asked) -> Answer:
        """Sends a request with valid credentials."""
        template = self.service.suite.authorize
        whole = asked.message if call.open else asked.message.over(asked.values.message(template))
        return await self.service.ask(self.client, name, whole)

    def questions(self, call: Call, case: Case) -> Iterator[Asked]:
        """Yields the requests of a case: one per fitting sample, or a single one when the case needs no sample."""
        template = case.request.over(call.request)
        key = case.samples or call.samples
        if key is None:
            yield Asked(None, self.values, self.values.message(template))
            return
        for index, sample in self._chosen(key, case):
            values = self.values.with_names(sample)
            try:
                yield Asked(index, values, values.message(template))
            except MissingValue:
                continue

    def _chosen(self, key: str, case: Case) -> list[tuple[int, Mapping[str, Any]]]:
        rows = [
            (index, row)
            for index, row in enumerate(self.samples.get(key, ()))
            if row.get("exists", True) is (case.kind != "absent")
            and all(value_of(row, name) == value for name, value in self.service.suite.where.items())
            and all(has(row, name) for name in case.needs)
            and not any(has(row, name) for name in case.lacks)
        ]
        most = 1 if case.kind == "malformed" else self.most
        return rows if len(rows) <= most else [*rows[: most - 1], rows[-1]][:most]

    def _work(self) -> Iterator[Coroutine[Any, Any, None]]:
        service = self.service
        if isinstance(service, Rest):
            yield self._unknown_address(service)
        else:
            yield self._documents(service)
            yield self._unknown_operation(service)
        for name, call in service.suite.calls.items():
            for label, case in call.cases.items():
                yield self._case(name, call, label, case)
            if service.suite.unauthorized is not None and not call.open:
                yield self._stranger(name, call, "missing")
                yield self._stranger(name, call, "unknown")
            if call.paging is not None:
                yield self._paging(name, call, call.paging)

    async def _case(self, name: str, call: Call, label: str, case: Case) -> None:
        if call.writes and case.kind == "found" and not self.writes:
            self._skip(name, label, "it changes data: add --writes to send it")
            return
        gathered = Gathered(name, label)
        asked = list(self.questions(call, case))
        if not asked:
            self._skip(name, label, f"no sample of {case.samples or call.samples} fits this case")
            return
        for order, one in enumerate(asked):
            answer = await self.ask(name, call, one)
            if case.kind == "malformed" or case.fault is not None:
                rule = "malformed.refused" if case.kind == "malformed" else "absent.said"
                gathered.add(self.service.refusal(rule, name, case, answer), one.sample)
                continue
            echo = one.values.filled(case.echo.value) if case.echo is not None else None
            gathered.add(self.service.good(name, case, answer, echo), one.sample)
            if order == 0 and case.kind == "found" and case.same and not call.writes:
                gathered.add(await self._repeated(name, call, one, answer), one.sample)
        self._tell(gathered.findings())

    async def _repeated(self, name: str, call: Call, asked: Asked, first: Answer) -> Ruled:
        before = self.service.tree(first)
        if first.broken is not None or before is None:
            return {}
        again = self.service.tree(await self.ask(name, call, asked))
        return {"answer.same": same(before, again, self.service.mask)}

    async def _stranger(self, name: str, call: Call, who: str) -> None:
        """Sends a request without credentials, or with unknown ones."""
        suite = self.service.suite
        assert suite.unauthorized is not None, "_work() calls this only with `unauthorized`"
        verdict = suite.unauthorized.missing if who == "missing" else suite.unauthorized.unknown
        asked = next(self.questions(call, Case(kind="malformed")), None)
        if verdict is None or asked is None:
            return
        message = asked.message
        if who == "unknown":
            message = message.over(asked.values.message(suite.unauthorized.unknown_request))
        if isinstance(self.service, Soap):
            answer = await self.service.ask_as(self.client, name, message, None if who == "missing" else _NOBODY)
        else:
            answer = await self.service.ask(self.client, name, message)
        gathered = Gathered(name, who)
        gathered.add(self.service.refusal(f"auth.{who}", name, verdict, answer), asked.sample)
        self._tell(gathered.findings())

    async def _paging(self, name: str, call: Call, paging: Paging) -> None:
        key = paging.samples or call.samples
        rows = [row for row in self.samples.get(key or "", ()) if row.get("exists", True)]
        values = (
            self.values if key is None else self.values.with_names(rows[paging.take]) if rows[paging.take :] else None
        )
        if values is None:
            self._skip(name, "paging", f"{key} has no sample number {paging.take}")
            return
        trees = []
        for page in (paging.first, paging.second):
            message = values.message(page.over(paging.request.over(call.request)))
            answer = await self.ask(name, call, Asked(paging.take, values, message))
            trees.append(self.service.tree(answer))
        gathered = Gathered(name, "paging")
        gathered.add(paged(trees[0], trees[1], paging))
        self._tell(gathered.findings())

    async def _unknown_address(self, service: Rest) -> None:
        gathered = Gathered("*", "unknown")
        gathered.add(service.unknown(await self.client.get(f"{service.base}/kiem-thu-khong-co")))
        self._tell(gathered.findings())

    async def _documents(self, service: Soap) -> None:
        gathered = Gathered("*", "wsdl")
        gathered.add(await service.documents(self.client))
        self._tell(gathered.findings())

    async def _unknown_operation(self, service: Soap) -> None:
        verdict = service.suite.unknown_operation
        if verdict is None:
            return
        name = next(iter(service.suite.calls))
        answer = await service.ask(self.client, name, Message(element="KhongCoThaoTacNay"))
        gathered = Gathered("*", "unknown")
        gathered.add(service.refusal("soap.unknown", name, verdict, answer))
        self._tell(gathered.findings())

    def _skip(self, name: str, case: str, why: str) -> None:
        self.report.not_checked.append(NotChecked(name, case, why))

    def _tell(self, findings: list[Finding]) -> None:
        self.report.findings.extend(findings)
        self.told(self.report.name, findings)
