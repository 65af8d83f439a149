"""Methods: Cấp Phiếu lý lịch tư pháp. Generated from the declared operations: make generate."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import date
from typing import Literal, Unpack

from lgsp_client.answer import Answer
from lgsp_client.content import AsyncContent, Content
from lgsp_client.models.criminal_records import (
    Applicant,
    Application,
    ApplicationPurpose,
    Attachment,
    Channel,
    Delivery,
    Mandatee,
    Relative,
    Residence,
)
from lgsp_client.questions import criminal_records as questions
from lgsp_client.request import Options
from lgsp_client.sender import AsyncSender, Sender


class CriminalRecords:
    """Cấp Phiếu lý lịch tư pháp."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def apply(
        self,
        *,
        dossier_code: str,
        received_on: date,
        certificate_form: Literal[1, 2],
        purpose: ApplicationPurpose,
        applicant: Applicant,
        due_on: date | None = None,
        channel: Channel | None = None,
        confirm_position_bans: bool | None = None,
        copies: int | None = None,
        father: Relative | None = None,
        mother: Relative | None = None,
        spouse: Relative | None = None,
        mandatee: Mandatee | None = None,
        residences: Sequence[Residence] | None = None,
        convictions_declared: str | None = None,
        fee_receipt_number: str | None = None,
        delivery: Delivery | None = None,
        attachments: Sequence[Attachment] | None = None,
        idempotency_key: str,
        **options: Unpack[Options],
    ) -> Answer[Application]:
        """Apply for a criminal record certificate (nộp hồ sơ cấp Phiếu lý lịch tư pháp số 1, số 2).

        Needs user.

        Args:
            dossier_code: Mã hồ sơ một cửa: the dossier code that the application was made for.
            received_on: Ngày tiếp nhận.
            certificate_form: Loại Phiếu lý lịch tư pháp: số 1 or số 2.
            purpose: Mục đích yêu cầu cấp Phiếu.
            applicant: Người được cấp Phiếu.
            due_on: Ngày hẹn trả kết quả; not before received_on.
            channel: online: trực tuyến · in_person: trực tiếp · post: bưu chính công ích (unless said: 'online').
            confirm_position_bans: Yêu cầu xác nhận nội dung cấm đảm nhiệm chức vụ, thành lập, quản lý doanh nghiệp,
                hợp tác xã (unless said: False).
            copies: Số lượng Phiếu, in all (unless said: 1).
            father: Cha.
            mother: Mẹ.
            spouse: Vợ / chồng.
            mandatee: Người được ủy quyền, where somebody else applies.
            residences: Quá trình cư trú since the age of 14.
            convictions_declared: Phần khai về án tích, nội dung bị cấm đảm nhiệm chức vụ.
            fee_receipt_number: Số biên lai thu phí.
            delivery: Trả kết quả qua bưu chính.
            attachments: Giấy tờ kèm theo; the whole body has a limit.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(
            questions.apply(
                dossier_code=dossier_code,
                received_on=received_on,
                certificate_form=certificate_form,
                purpose=purpose,
                applicant=applicant,
                due_on=due_on,
                channel=channel,
                confirm_position_bans=confirm_position_bans,
                copies=copies,
                father=father,
                mother=mother,
                spouse=spouse,
                mandatee=mandatee,
                residences=residences,
                convictions_declared=convictions_declared,
                fee_receipt_number=fee_receipt_number,
                delivery=delivery,
                attachments=attachments,
            ),
            options,
            idempotency_key,
        )

    def supplement(
        self,
        dossier_code: str,
        *,
        received_on: date,
        certificate_form: Literal[1, 2],
        purpose: ApplicationPurpose,
        applicant: Applicant,
        due_on: date | None = None,
        channel: Channel | None = None,
        confirm_position_bans: bool | None = None,
        copies: int | None = None,
        father: Relative | None = None,
        mother: Relative | None = None,
        spouse: Relative | None = None,
        mandatee: Mandatee | None = None,
        residences: Sequence[Residence] | None = None,
        convictions_declared: str | None = None,
        fee_receipt_number: str | None = None,
        delivery: Delivery | None = None,
        attachments: Sequence[Attachment] | None = None,
        idempotency_key: str,
        **options: Unpack[Options],
    ) -> Answer[Application]:
        """Send the whole application again with what the source asked for (bổ sung hồ sơ cấp Phiếu lý lịch tư pháp).

        Needs user.

        Args:
            dossier_code: Mã hồ sơ một cửa: the dossier code that the application was made for.
            received_on: Ngày tiếp nhận.
            certificate_form: Loại Phiếu lý lịch tư pháp: số 1 or số 2.
            purpose: Mục đích yêu cầu cấp Phiếu.
            applicant: Người được cấp Phiếu.
            due_on: Ngày hẹn trả kết quả; not before received_on.
            channel: online: trực tuyến · in_person: trực tiếp · post: bưu chính công ích (unless said: 'online').
            confirm_position_bans: Yêu cầu xác nhận nội dung cấm đảm nhiệm chức vụ, thành lập, quản lý doanh nghiệp,
                hợp tác xã (unless said: False).
            copies: Số lượng Phiếu, in all (unless said: 1).
            father: Cha.
            mother: Mẹ.
            spouse: Vợ / chồng.
            mandatee: Người được ủy quyền, where somebody else applies.
            residences: Quá trình cư trú since the age of 14.
            convictions_declared: Phần khai về án tích, nội dung bị cấm đảm nhiệm chức vụ.
            fee_receipt_number: Số biên lai thu phí.
            delivery: Trả kết quả qua bưu chính.
            attachments: Giấy tờ kèm theo; the whole body has a limit.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(
            questions.supplement(
                dossier_code,
                received_on=received_on,
                certificate_form=certificate_form,
                purpose=purpose,
                applicant=applicant,
                due_on=due_on,
                channel=channel,
                confirm_position_bans=confirm_position_bans,
                copies=copies,
                father=father,
                mother=mother,
                spouse=spouse,
                mandatee=mandatee,
                residences=residences,
                convictions_declared=convictions_declared,
                fee_receipt_number=fee_receipt_number,
                delivery=delivery,
                attachments=attachments,
            ),
            options,
            idempotency_key,
        )

    def cancel(
        self, application_id: str, *, idempotency_key: str | None = None, **options: Unpack[Options]
    ) -> Answer[Application]:
        """Cancel an application before it is sent; afterwards 409 (hủy hồ sơ chưa gửi).

        Needs dossier and user.

        Args:
            application_id: Mã hồ sơ một cửa: the dossier code that the application was made for.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(questions.cancel(application_id), options, idempotency_key)

    def application(self, application_id: str, **options: Unpack[Options]) -> Answer[Application]:
        """State of an application and what was issued (tình trạng hồ sơ cấp Phiếu lý lịch tư pháp).

        Needs dossier and user.

        Args:
            application_id: Mã hồ sơ một cửa: the dossier code that the application was made for.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(questions.application(application_id), options)

    def certificate(self, application_id: str, **options: Unpack[Options]) -> AbstractContextManager[Content]:
        """The electronic certificate as PDF; 404 until it is issued (bản điện tử Phiếu lý lịch tư pháp).

        Needs dossier and user.

        Args:
            application_id: Mã hồ sơ một cửa: the dossier code that the application was made for.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask_file(questions.certificate(application_id), options)


class AsyncCriminalRecords:
    """Cấp Phiếu lý lịch tư pháp."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def apply(
        self,
        *,
        dossier_code: str,
        received_on: date,
        certificate_form: Literal[1, 2],
        purpose: ApplicationPurpose,
        applicant: Applicant,
        due_on: date | None = None,
        channel: Channel | None = None,
        confirm_position_bans: bool | None = None,
        copies: int | None = None,
        father: Relative | None = None,
        mother: Relative | None = None,
        spouse: Relative | None = None,
        mandatee: Mandatee | None = None,
        residences: Sequence[Residence] | None = None,
        convictions_declared: str | None = None,
        fee_receipt_number: str | None = None,
        delivery: Delivery | None = None,
        attachments: Sequence[Attachment] | None = None,
        idempotency_key: str,
        **options: Unpack[Options],
    ) -> Answer[Application]:
        """Apply for a criminal record certificate (nộp hồ sơ cấp Phiếu lý lịch tư pháp số 1, số 2).

        Needs user.

        Args:
            dossier_code: Mã hồ sơ một cửa: the dossier code that the application was made for.
            received_on: Ngày tiếp nhận.
            certificate_form: Loại Phiếu lý lịch tư pháp: số 1 or số 2.
            purpose: Mục đích yêu cầu cấp Phiếu.
            applicant: Người được cấp Phiếu.
            due_on: Ngày hẹn trả kết quả; not before received_on.
            channel: online: trực tuyến · in_person: trực tiếp · post: bưu chính công ích (unless said: 'online').
            confirm_position_bans: Yêu cầu xác nhận nội dung cấm đảm nhiệm chức vụ, thành lập, quản lý doanh nghiệp,
                hợp tác xã (unless said: False).
            copies: Số lượng Phiếu, in all (unless said: 1).
            father: Cha.
            mother: Mẹ.
            spouse: Vợ / chồng.
            mandatee: Người được ủy quyền, where somebody else applies.
            residences: Quá trình cư trú since the age of 14.
            convictions_declared: Phần khai về án tích, nội dung bị cấm đảm nhiệm chức vụ.
            fee_receipt_number: Số biên lai thu phí.
            delivery: Trả kết quả qua bưu chính.
            attachments: Giấy tờ kèm theo; the whole body has a limit.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(
            questions.apply(
                dossier_code=dossier_code,
                received_on=received_on,
                certificate_form=certificate_form,
                purpose=purpose,
                applicant=applicant,
                due_on=due_on,
                channel=channel,
                confirm_position_bans=confirm_position_bans,
                copies=copies,
                father=father,
                mother=mother,
                spouse=spouse,
                mandatee=mandatee,
                residences=residences,
                convictions_declared=convictions_declared,
                fee_receipt_number=fee_receipt_number,
                delivery=delivery,
                attachments=attachments,
            ),
            options,
            idempotency_key,
        )

    async def supplement(
        self,
        dossier_code: str,
        *,
        received_on: date,
        certificate_form: Literal[1, 2],
        purpose: ApplicationPurpose,
        applicant: Applicant,
        due_on: date | None = None,
        channel: Channel | None = None,
        confirm_position_bans: bool | None = None,
        copies: int | None = None,
        father: Relative | None = None,
        mother: Relative | None = None,
        spouse: Relative | None = None,
        mandatee: Mandatee | None = None,
        residences: Sequence[Residence] | None = None,
        convictions_declared: str | None = None,
        fee_receipt_number: str | None = None,
        delivery: Delivery | None = None,
        attachments: Sequence[Attachment] | None = None,
        idempotency_key: str,
        **options: Unpack[Options],
    ) -> Answer[Application]:
        """Send the whole application again with what the source asked for (bổ sung hồ sơ cấp Phiếu lý lịch tư pháp).

        Needs user.

        Args:
            dossier_code: Mã hồ sơ một cửa: the dossier code that the application was made for.
            received_on: Ngày tiếp nhận.
            certificate_form: Loại Phiếu lý lịch tư pháp: số 1 or số 2.
            purpose: Mục đích yêu cầu cấp Phiếu.
            applicant: Người được cấp Phiếu.
            due_on: Ngày hẹn trả kết quả; not before received_on.
            channel: online: trực tuyến · in_person: trực tiếp · post: bưu chính công ích (unless said: 'online').
            confirm_position_bans: Yêu cầu xác nhận nội dung cấm đảm nhiệm chức vụ, thành lập, quản lý doanh nghiệp,
                hợp tác xã (unless said: False).
            copies: Số lượng Phiếu, in all (unless said: 1).
            father: Cha.
            mother: Mẹ.
            spouse: Vợ / chồng.
            mandatee: Người được ủy quyền, where somebody else applies.
            residences: Quá trình cư trú since the age of 14.
            convictions_declared: Phần khai về án tích, nội dung bị cấm đảm nhiệm chức vụ.
            fee_receipt_number: Số biên lai thu phí.
            delivery: Trả kết quả qua bưu chính.
            attachments: Giấy tờ kèm theo; the whole body has a limit.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(
            questions.supplement(
                dossier_code,
                received_on=received_on,
                certificate_form=certificate_form,
                purpose=purpose,
                applicant=applicant,
                due_on=due_on,
                channel=channel,
                confirm_position_bans=confirm_position_bans,
                copies=copies,
                father=father,
                mother=mother,
                spouse=spouse,
                mandatee=mandatee,
                residences=residences,
                convictions_declared=convictions_declared,
                fee_receipt_number=fee_receipt_number,
                delivery=delivery,
                attachments=attachments,
            ),
            options,
            idempotency_key,
        )

    async def cancel(
        self, application_id: str, *, idempotency_key: str | None = None, **options: Unpack[Options]
    ) -> Answer[Application]:
        """Cancel an application before it is sent; afterwards 409 (hủy hồ sơ chưa gửi).

        Needs dossier and user.

        Args:
            application_id: Mã hồ sơ một cửa: the dossier code that the application was made for.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(questions.cancel(application_id), options, idempotency_key)

    async def application(self, application_id: str, **options: Unpack[Options]) -> Answer[Application]:
        """State of an application and what was issued (tình trạng hồ sơ cấp Phiếu lý lịch tư pháp).

        Needs dossier and user.

        Args:
            application_id: Mã hồ sơ một cửa: the dossier code that the application was made for.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(questions.application(application_id), options)

    def certificate(self, application_id: str, **options: Unpack[Options]) -> AbstractAsyncContextManager[AsyncContent]:
        """The electronic certificate as PDF; 404 until it is issued (bản điện tử Phiếu lý lịch tư pháp).

        Needs dossier and user.

        Args:
            application_id: Mã hồ sơ một cửa: the dossier code that the application was made for.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask_file(questions.certificate(application_id), options)
