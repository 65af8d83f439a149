"""Methods: CSDLQG về đăng ký doanh nghiệp. Generated from the declared operations: make generate."""

from __future__ import annotations

from datetime import date
from typing import Unpack

from lgsp_client.answer import Answer, AsyncPage, Page
from lgsp_client.models.business_registry import (
    Enterprise,
    Registration,
    RegistrationSummary,
)
from lgsp_client.questions import business_registry as questions
from lgsp_client.request import Options
from lgsp_client.sender import AsyncSender, Sender


class BusinessRegistry:
    """CSDLQG về đăng ký doanh nghiệp."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def enterprise(self, enterprise_code: str, **options: Unpack[Options]) -> Answer[Enterprise]:
        """An enterprise or dependent unit by its code (tra cứu thông tin doanh nghiệp).

        Args:
            enterprise_code: Mã số doanh nghiệp (10 digits, the last a check digit) or mã số đơn vị phụ thuộc
                (NNNNNNNNNN-NNN).
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(questions.enterprise(enterprise_code), options)

    def registration(self, *, registration_number: str, **options: Unpack[Options]) -> Answer[Registration]:
        """State of a registration dossier and who submitted it (tình trạng hồ sơ đăng ký doanh nghiệp).

        Needs dossier and user.

        Args:
            registration_number: Số hồ sơ đăng ký doanh nghiệp (IN_JOURNAL_NO).
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(questions.registration(registration_number=registration_number), options)

    def registrations(
        self, *, first_day: date, last_day: date, page_token: str | None = None, **options: Unpack[Options]
    ) -> Page[RegistrationSummary]:
        """Dossiers received in a period (hồ sơ tiếp nhận trong kỳ).

        Args:
            first_day: Từ ngày.
            last_day: Đến ngày, both included; at most 92 days.
            page_token: meta.next_page_token of the previous page.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask_page(
            questions.registrations(first_day=first_day, last_day=last_day, page_token=page_token), options
        )


class AsyncBusinessRegistry:
    """CSDLQG về đăng ký doanh nghiệp."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def enterprise(self, enterprise_code: str, **options: Unpack[Options]) -> Answer[Enterprise]:
        """An enterprise or dependent unit by its code (tra cứu thông tin doanh nghiệp).

        Args:
            enterprise_code: Mã số doanh nghiệp (10 digits, the last a check digit) or mã số đơn vị phụ thuộc
                (NNNNNNNNNN-NNN).
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(questions.enterprise(enterprise_code), options)

    async def registration(self, *, registration_number: str, **options: Unpack[Options]) -> Answer[Registration]:
        """State of a registration dossier and who submitted it (tình trạng hồ sơ đăng ký doanh nghiệp).

        Needs dossier and user.

        Args:
            registration_number: Số hồ sơ đăng ký doanh nghiệp (IN_JOURNAL_NO).
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(questions.registration(registration_number=registration_number), options)

    async def registrations(
        self, *, first_day: date, last_day: date, page_token: str | None = None, **options: Unpack[Options]
    ) -> AsyncPage[RegistrationSummary]:
        """Dossiers received in a period (hồ sơ tiếp nhận trong kỳ).

        Args:
            first_day: Từ ngày.
            last_day: Đến ngày, both included; at most 92 days.
            page_token: meta.next_page_token of the previous page.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask_page(
            questions.registrations(first_day=first_day, last_day=last_day, page_token=page_token), options
        )
