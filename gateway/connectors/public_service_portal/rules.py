"""The rules of what is told to the national portal alone; those of dossiers and steps are in ``gateway/dossiers``."""

from __future__ import annotations

from datetime import date

from gateway.connectors.public_service_portal.model import StatusReport
from gateway.core.days import day_in_vietnam
from gateway.dossiers.rules import CODE_FORM, FUTURE, Found, agency_of


def of_report(report: StatusReport, today: date) -> Found:
    """All that is wrong with *report* on *today*, the day in Vietnam."""
    if agency_of(report.dossier_code) is None:
        yield "/dossier_code", CODE_FORM
    if day_in_vietnam(report.processed_at) > today:
        yield "/processed_at", FUTURE
