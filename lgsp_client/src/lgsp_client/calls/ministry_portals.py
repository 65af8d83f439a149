"""Methods: Cổng Dịch vụ công các bộ, ngành. Generated from the declared operations: make generate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Unpack

from lgsp_client.answer import Answer, AsyncPage, Page
from lgsp_client.models.dossiers import (
    Channel,
    Coded,
    Document,
    DossierSync,
    Fee,
    OtherPaper,
    ResultPaper,
    StepOfficer,
    Subject,
    SupplementRequest,
)
from lgsp_client.models.ministry_portals import Acknowledged, FiledDossier, IncomingMessage
from lgsp_client.questions import ministry_portals as questions
from lgsp_client.request import Options
from lgsp_client.sender import AsyncSender, Sender


class MinistryPortals:
    """Cổng Dịch vụ công các bộ, ngành."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def send_dossier(
        self,
        ministry: str,
        dossier_code: str,
        *,
        procedure: Coded,
        field: Coded,
        status: str,
        processing_unit: str,
        channel: Channel | None = None,
        subject: Subject | None = None,
        summary: str | None = None,
        note: str | None = None,
        submitted_at: datetime | None = None,
        received_at: datetime | None = None,
        due_at: datetime | None = None,
        refused_at: datetime | None = None,
        finished_at: datetime | None = None,
        handed_over_at: datetime | None = None,
        submitted_to: Literal["national_portal", "own_system"] | None = None,
        digitised: bool | None = None,
        vneid_verified: bool | None = None,
        online_payment: Literal["national_platform", "own_platform", "none", "other"] | None = None,
        databases: Sequence[str] | None = None,
        documents: Sequence[Document] | None = None,
        fees: Sequence[Fee] | None = None,
        other_papers: Sequence[OtherPaper] | None = None,
        supplements: Sequence[SupplementRequest] | None = None,
        results: Sequence[ResultPaper] | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Answer[DossierSync]:
        """Send a ministry a dossier, new or in its newer state (gửi hồ sơ tới bộ, ngành).

        Needs user.

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            procedure: Thủ tục hành chính; the code may be a local one of the deployment's table.
            field: Lĩnh vực.
            status: Trạng thái hồ sơ: newly_registered mới đăng ký · received được tiếp nhận · not_received không được
                tiếp nhận · in_process đang xử lý · supplement_requested yêu cầu bổ sung giấy tờ · payment_requested
                yêu cầu thực hiện nghĩa vụ tài chính · withdrawn công dân rút hồ sơ · stopped dừng xử lý · finished đã
                xử lý xong · handed_over đã trả kết quả; or a local code of the deployment's table.
            processing_unit: Đơn vị xử lý.
            channel: Kênh thực hiện: counter trực tiếp · online trực tuyến · post bưu chính.
            subject: Chủ hồ sơ.
            summary: Trích yếu hồ sơ.
            note: Ghi chú.
            submitted_at: Ngày nộp hồ sơ (NgayNopHoSo).
            received_at: Ngày tiếp nhận; not before submitted_at.
            due_at: Ngày hẹn trả; not before received_at.
            refused_at: Ngày từ chối (NgayTuChoi).
            finished_at: Ngày kết thúc xử lý; not before received_at.
            handed_over_at: Ngày trả; not before finished_at.
            submitted_to: Nơi nộp hồ sơ (NoiNopHoSo 1, 2).
            digitised: Hồ sơ có thành phần số hóa (HoSoCoThanhPhanSoHoa).
            vneid_verified: Tài khoản được xác thực với VNeID (TaiKhoanDuocXacThucVoiVNeID).
            online_payment: Được thanh toán trực tuyến (DuocThanhToanTrucTuyen 1, 2, 0, 3 [S]); 1 and 2 count as paid
                online.
            databases: Danh sách kết nối CSDL: codes of the databases that were asked (MaCSDL).
            documents: Tài liệu nộp.
            fees: Danh sách lệ phí.
            other_papers: Danh sách tệp đính kèm khác.
            supplements: Danh sách hồ sơ bổ sung.
            results: Danh sách giấy tờ kết quả.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(
            questions.send_dossier(
                ministry,
                dossier_code,
                procedure=procedure,
                field=field,
                status=status,
                processing_unit=processing_unit,
                channel=channel,
                subject=subject,
                summary=summary,
                note=note,
                submitted_at=submitted_at,
                received_at=received_at,
                due_at=due_at,
                refused_at=refused_at,
                finished_at=finished_at,
                handed_over_at=handed_over_at,
                submitted_to=submitted_to,
                digitised=digitised,
                vneid_verified=vneid_verified,
                online_payment=online_payment,
                databases=databases,
                documents=documents,
                fees=fees,
                other_papers=other_papers,
                supplements=supplements,
                results=results,
            ),
            options,
            idempotency_key,
        )

    def report_progress(
        self,
        ministry: str,
        dossier_code: str,
        *,
        officer: StepOfficer,
        processed_at: datetime,
        content: str,
        status: str,
        department: str | None = None,
        started_at: datetime | None = None,
        due_at: datetime | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Answer[DossierSync]:
        """Tell a ministry of one step of a dossier's handling (cập nhật tiến độ tới bộ, ngành).

        Needs user.

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            officer: Người xử lý.
            processed_at: Thời điểm xử lý.
            content: Nội dung xử lý.
            status: Trạng thái hồ sơ: newly_registered mới đăng ký · received được tiếp nhận · not_received không được
                tiếp nhận · in_process đang xử lý · supplement_requested yêu cầu bổ sung giấy tờ · payment_requested
                yêu cầu thực hiện nghĩa vụ tài chính · withdrawn công dân rút hồ sơ · stopped dừng xử lý · finished đã
                xử lý xong · handed_over đã trả kết quả; or a local code of the deployment's table.
            department: Phòng ban xử lý.
            started_at: Ngày bắt đầu.
            due_at: Ngày kết thúc theo quy định; not before started_at.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(
            questions.report_progress(
                ministry,
                dossier_code,
                officer=officer,
                processed_at=processed_at,
                content=content,
                status=status,
                department=department,
                started_at=started_at,
                due_at=due_at,
            ),
            options,
            idempotency_key,
        )

    def dossier(self, ministry: str, dossier_code: str, **options: Unpack[Options]) -> Answer[DossierSync]:
        """How far a ministry has a dossier: accepted, waiting, refused (tình trạng hồ sơ tại bộ, ngành).

        Needs user.

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(questions.dossier(ministry, dossier_code), options)

    def incoming(
        self,
        ministry: str,
        *,
        from_: date | None = None,
        to: date | None = None,
        page_token: str | None = None,
        **options: Unpack[Options],
    ) -> Page[IncomingMessage]:
        """The dossiers and results that a ministry has for the province (hồ sơ, kết quả do bộ, ngành gửi).

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            from_: First day, for a ministry that is asked by days (ngày tiếp nhận); two days before the last unless
                said.
            to: Last day; today unless said. A period of at most 31 days.
            page_token: meta.next_page_token of the previous page.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask_page(questions.incoming(ministry, from_=from_, to=to, page_token=page_token), options)

    def filed(self, ministry: str, dossier_code: str, **options: Unpack[Options]) -> Answer[FiledDossier]:
        """A dossier that was filed with a ministry, whole (hồ sơ nộp tại hệ thống của bộ, ngành).

        Needs user.

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(questions.filed(ministry, dossier_code), options)

    def acknowledge(
        self,
        ministry: str,
        *,
        message_ids: Sequence[str],
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Answer[Acknowledged]:
        """Tell a ministry that the province has its messages (xác nhận đã nhận thông điệp).

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            message_ids: Mã thông điệp: message_id of each.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(questions.acknowledge(ministry, message_ids=message_ids), options, idempotency_key)


class AsyncMinistryPortals:
    """Cổng Dịch vụ công các bộ, ngành."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def send_dossier(
        self,
        ministry: str,
        dossier_code: str,
        *,
        procedure: Coded,
        field: Coded,
        status: str,
        processing_unit: str,
        channel: Channel | None = None,
        subject: Subject | None = None,
        summary: str | None = None,
        note: str | None = None,
        submitted_at: datetime | None = None,
        received_at: datetime | None = None,
        due_at: datetime | None = None,
        refused_at: datetime | None = None,
        finished_at: datetime | None = None,
        handed_over_at: datetime | None = None,
        submitted_to: Literal["national_portal", "own_system"] | None = None,
        digitised: bool | None = None,
        vneid_verified: bool | None = None,
        online_payment: Literal["national_platform", "own_platform", "none", "other"] | None = None,
        databases: Sequence[str] | None = None,
        documents: Sequence[Document] | None = None,
        fees: Sequence[Fee] | None = None,
        other_papers: Sequence[OtherPaper] | None = None,
        supplements: Sequence[SupplementRequest] | None = None,
        results: Sequence[ResultPaper] | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Answer[DossierSync]:
        """Send a ministry a dossier, new or in its newer state (gửi hồ sơ tới bộ, ngành).

        Needs user.

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            procedure: Thủ tục hành chính; the code may be a local one of the deployment's table.
            field: Lĩnh vực.
            status: Trạng thái hồ sơ: newly_registered mới đăng ký · received được tiếp nhận · not_received không được
                tiếp nhận · in_process đang xử lý · supplement_requested yêu cầu bổ sung giấy tờ · payment_requested
                yêu cầu thực hiện nghĩa vụ tài chính · withdrawn công dân rút hồ sơ · stopped dừng xử lý · finished đã
                xử lý xong · handed_over đã trả kết quả; or a local code of the deployment's table.
            processing_unit: Đơn vị xử lý.
            channel: Kênh thực hiện: counter trực tiếp · online trực tuyến · post bưu chính.
            subject: Chủ hồ sơ.
            summary: Trích yếu hồ sơ.
            note: Ghi chú.
            submitted_at: Ngày nộp hồ sơ (NgayNopHoSo).
            received_at: Ngày tiếp nhận; not before submitted_at.
            due_at: Ngày hẹn trả; not before received_at.
            refused_at: Ngày từ chối (NgayTuChoi).
            finished_at: Ngày kết thúc xử lý; not before received_at.
            handed_over_at: Ngày trả; not before finished_at.
            submitted_to: Nơi nộp hồ sơ (NoiNopHoSo 1, 2).
            digitised: Hồ sơ có thành phần số hóa (HoSoCoThanhPhanSoHoa).
            vneid_verified: Tài khoản được xác thực với VNeID (TaiKhoanDuocXacThucVoiVNeID).
            online_payment: Được thanh toán trực tuyến (DuocThanhToanTrucTuyen 1, 2, 0, 3 [S]); 1 and 2 count as paid
                online.
            databases: Danh sách kết nối CSDL: codes of the databases that were asked (MaCSDL).
            documents: Tài liệu nộp.
            fees: Danh sách lệ phí.
            other_papers: Danh sách tệp đính kèm khác.
            supplements: Danh sách hồ sơ bổ sung.
            results: Danh sách giấy tờ kết quả.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(
            questions.send_dossier(
                ministry,
                dossier_code,
                procedure=procedure,
                field=field,
                status=status,
                processing_unit=processing_unit,
                channel=channel,
                subject=subject,
                summary=summary,
                note=note,
                submitted_at=submitted_at,
                received_at=received_at,
                due_at=due_at,
                refused_at=refused_at,
                finished_at=finished_at,
                handed_over_at=handed_over_at,
                submitted_to=submitted_to,
                digitised=digitised,
                vneid_verified=vneid_verified,
                online_payment=online_payment,
                databases=databases,
                documents=documents,
                fees=fees,
                other_papers=other_papers,
                supplements=supplements,
                results=results,
            ),
            options,
            idempotency_key,
        )

    async def report_progress(
        self,
        ministry: str,
        dossier_code: str,
        *,
        officer: StepOfficer,
        processed_at: datetime,
        content: str,
        status: str,
        department: str | None = None,
        started_at: datetime | None = None,
        due_at: datetime | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Answer[DossierSync]:
        """Tell a ministry of one step of a dossier's handling (cập nhật tiến độ tới bộ, ngành).

        Needs user.

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            officer: Người xử lý.
            processed_at: Thời điểm xử lý.
            content: Nội dung xử lý.
            status: Trạng thái hồ sơ: newly_registered mới đăng ký · received được tiếp nhận · not_received không được
                tiếp nhận · in_process đang xử lý · supplement_requested yêu cầu bổ sung giấy tờ · payment_requested
                yêu cầu thực hiện nghĩa vụ tài chính · withdrawn công dân rút hồ sơ · stopped dừng xử lý · finished đã
                xử lý xong · handed_over đã trả kết quả; or a local code of the deployment's table.
            department: Phòng ban xử lý.
            started_at: Ngày bắt đầu.
            due_at: Ngày kết thúc theo quy định; not before started_at.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(
            questions.report_progress(
                ministry,
                dossier_code,
                officer=officer,
                processed_at=processed_at,
                content=content,
                status=status,
                department=department,
                started_at=started_at,
                due_at=due_at,
            ),
            options,
            idempotency_key,
        )

    async def dossier(self, ministry: str, dossier_code: str, **options: Unpack[Options]) -> Answer[DossierSync]:
        """How far a ministry has a dossier: accepted, waiting, refused (tình trạng hồ sơ tại bộ, ngành).

        Needs user.

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(questions.dossier(ministry, dossier_code), options)

    async def incoming(
        self,
        ministry: str,
        *,
        from_: date | None = None,
        to: date | None = None,
        page_token: str | None = None,
        **options: Unpack[Options],
    ) -> AsyncPage[IncomingMessage]:
        """The dossiers and results that a ministry has for the province (hồ sơ, kết quả do bộ, ngành gửi).

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            from_: First day, for a ministry that is asked by days (ngày tiếp nhận); two days before the last unless
                said.
            to: Last day; today unless said. A period of at most 31 days.
            page_token: meta.next_page_token of the previous page.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask_page(
            questions.incoming(ministry, from_=from_, to=to, page_token=page_token), options
        )

    async def filed(self, ministry: str, dossier_code: str, **options: Unpack[Options]) -> Answer[FiledDossier]:
        """A dossier that was filed with a ministry, whole (hồ sơ nộp tại hệ thống của bộ, ngành).

        Needs user.

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(questions.filed(ministry, dossier_code), options)

    async def acknowledge(
        self,
        ministry: str,
        *,
        message_ids: Sequence[str],
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Answer[Acknowledged]:
        """Tell a ministry that the province has its messages (xác nhận đã nhận thông điệp).

        Args:
            ministry: The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành).
            message_ids: Mã thông điệp: message_id of each.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(
            questions.acknowledge(ministry, message_ids=message_ids), options, idempotency_key
        )
