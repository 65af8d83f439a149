"""Methods: CSDLQG về bảo hiểm. Generated from the declared operations: make generate."""

from __future__ import annotations

from datetime import date
from typing import Unpack

from lgsp_client.answer import Answer, AsyncPage, Page
from lgsp_client.models.shared import PartialDate
from lgsp_client.models.social_insurance import (
    AskedSex,
    Contribution,
    HealthCard,
    Household,
    Participant,
    Place,
)
from lgsp_client.questions import social_insurance as questions
from lgsp_client.request import Options
from lgsp_client.sender import AsyncSender, Sender


class SocialInsurance:
    """CSDLQG về bảo hiểm."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def participant(
        self,
        *,
        insurance_number: str | None = None,
        full_name: str | None = None,
        birth_date: PartialDate | None = None,
        sex: AskedSex | None = None,
        province_code: str | None = None,
        district_code: str | None = None,
        ward_code: str | None = None,
        place: Place | None = None,
        **options: Unpack[Options],
    ) -> Answer[Participant]:
        """A participant by BHXH number, or by name, birth date, sex and place (tra cứu người tham gia BHXH, BHYT).

        Needs dossier and user.

        Args:
            insurance_number: Mã số BHXH; give no other field with it.
            full_name: Họ và tên.
            birth_date: Ngày sinh, as precise as the papers say.
            sex: Giới tính.
            province_code: Mã tỉnh.
            district_code: Mã huyện, for places recorded before 2025-07-01.
            ward_code: Mã xã.
            place: The place that the codes name: birth registration (khai sinh) or household (hộ khẩu) (unless said:
                'household').
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(
            questions.participant(
                insurance_number=insurance_number,
                full_name=full_name,
                birth_date=birth_date,
                sex=sex,
                province_code=province_code,
                district_code=district_code,
                ward_code=ward_code,
                place=place,
            ),
            options,
        )

    def household(
        self,
        *,
        province_code: str,
        full_name: str | None = None,
        birth_date: PartialDate | None = None,
        sex: AskedSex | None = None,
        insurance_number: str | None = None,
        card_number: str | None = None,
        place: Place | None = None,
        **options: Unpack[Options],
    ) -> Answer[Household]:
        """The household of a participant (tra cứu thông tin hộ gia đình).

        Needs dossier and user.

        Args:
            province_code: Mã tỉnh (General Statistics Office).
            full_name: Họ và tên of a member.
            birth_date: Ngày sinh of that member.
            sex: Giới tính of that member.
            insurance_number: Số sổ BHXH (the BHXH number) of that member.
            card_number: Mã thẻ of that member.
            place: The place that the codes name: birth registration (khai sinh) or household (hộ khẩu) (unless said:
                'household').
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(
            questions.household(
                province_code=province_code,
                full_name=full_name,
                birth_date=birth_date,
                sex=sex,
                insurance_number=insurance_number,
                card_number=card_number,
                place=place,
            ),
            options,
        )

    def contributions(self, *, insurance_number: str, **options: Unpack[Options]) -> Page[Contribution]:
        """Contribution history; an empty list for a person without contributions (quá trình đóng BHXH).

        Needs dossier and user.

        Args:
            insurance_number: Mã số BHXH: 10 digits, or since 2025-08-01 the 12 of the citizen number.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask_page(questions.contributions(insurance_number=insurance_number), options)

    def health_card(
        self,
        *,
        card_number: str,
        full_name: str,
        birth_date: PartialDate,
        on: date | None = None,
        **options: Unpack[Options],
    ) -> Answer[HealthCard]:
        """Whether a health card is valid for a person, also on a given day (kiểm tra thẻ BHYT).

        Needs dossier and user.

        Args:
            card_number: Mã thẻ BHYT: 15 characters, or the BHXH number alone.
            full_name: Họ và tên.
            birth_date: Ngày sinh, a whole date or only the year.
            on: The answer also says whether the card covers this day.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(
            questions.health_card(card_number=card_number, full_name=full_name, birth_date=birth_date, on=on), options
        )


class AsyncSocialInsurance:
    """CSDLQG về bảo hiểm."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def participant(
        self,
        *,
        insurance_number: str | None = None,
        full_name: str | None = None,
        birth_date: PartialDate | None = None,
        sex: AskedSex | None = None,
        province_code: str | None = None,
        district_code: str | None = None,
        ward_code: str | None = None,
        place: Place | None = None,
        **options: Unpack[Options],
    ) -> Answer[Participant]:
        """A participant by BHXH number, or by name, birth date, sex and place (tra cứu người tham gia BHXH, BHYT).

        Needs dossier and user.

        Args:
            insurance_number: Mã số BHXH; give no other field with it.
            full_name: Họ và tên.
            birth_date: Ngày sinh, as precise as the papers say.
            sex: Giới tính.
            province_code: Mã tỉnh.
            district_code: Mã huyện, for places recorded before 2025-07-01.
            ward_code: Mã xã.
            place: The place that the codes name: birth registration (khai sinh) or household (hộ khẩu) (unless said:
                'household').
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(
            questions.participant(
                insurance_number=insurance_number,
                full_name=full_name,
                birth_date=birth_date,
                sex=sex,
                province_code=province_code,
                district_code=district_code,
                ward_code=ward_code,
                place=place,
            ),
            options,
        )

    async def household(
        self,
        *,
        province_code: str,
        full_name: str | None = None,
        birth_date: PartialDate | None = None,
        sex: AskedSex | None = None,
        insurance_number: str | None = None,
        card_number: str | None = None,
        place: Place | None = None,
        **options: Unpack[Options],
    ) -> Answer[Household]:
        """The household of a participant (tra cứu thông tin hộ gia đình).

        Needs dossier and user.

        Args:
            province_code: Mã tỉnh (General Statistics Office).
            full_name: Họ và tên of a member.
            birth_date: Ngày sinh of that member.
            sex: Giới tính of that member.
            insurance_number: Số sổ BHXH (the BHXH number) of that member.
            card_number: Mã thẻ of that member.
            place: The place that the codes name: birth registration (khai sinh) or household (hộ khẩu) (unless said:
                'household').
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(
            questions.household(
                province_code=province_code,
                full_name=full_name,
                birth_date=birth_date,
                sex=sex,
                insurance_number=insurance_number,
                card_number=card_number,
                place=place,
            ),
            options,
        )

    async def contributions(self, *, insurance_number: str, **options: Unpack[Options]) -> AsyncPage[Contribution]:
        """Contribution history; an empty list for a person without contributions (quá trình đóng BHXH).

        Needs dossier and user.

        Args:
            insurance_number: Mã số BHXH: 10 digits, or since 2025-08-01 the 12 of the citizen number.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask_page(questions.contributions(insurance_number=insurance_number), options)

    async def health_card(
        self,
        *,
        card_number: str,
        full_name: str,
        birth_date: PartialDate,
        on: date | None = None,
        **options: Unpack[Options],
    ) -> Answer[HealthCard]:
        """Whether a health card is valid for a person, also on a given day (kiểm tra thẻ BHYT).

        Needs dossier and user.

        Args:
            card_number: Mã thẻ BHYT: 15 characters, or the BHXH number alone.
            full_name: Họ và tên.
            birth_date: Ngày sinh, a whole date or only the year.
            on: The answer also says whether the card covers this day.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(
            questions.health_card(card_number=card_number, full_name=full_name, birth_date=birth_date, on=on), options
        )
