"""Methods: Cổng Dịch vụ công quốc gia. Generated from the declared operations: make generate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Unpack

from lgsp_client.answer import Answer, AsyncPage, Page
from lgsp_client.models.dossiers import (
    Channel,
    Coded,
    Document,
    DossierSync,
    Fee,
    OtherPaper,
    Preflight,
    Procedure,
    ResultPaper,
    StepOfficer,
    Subject,
    SupplementRequest,
)
from lgsp_client.models.public_service_portal import StatusFile
from lgsp_client.questions import public_service_portal as questions
from lgsp_client.request import Options
from lgsp_client.sender import AsyncSender, Sender


class PublicServicePortal:
    """Cổng Dịch vụ công quốc gia."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def sync_dossier(
        self,
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
        """Tell the portal of a dossier, new or in its newer state (đồng bộ hồ sơ).

        Needs user.

        Args:
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
            questions.sync_dossier(
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
        """Tell the portal of one step of a dossier's handling (cập nhật tiến độ xử lý hồ sơ).

        Needs user.

        Args:
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

    def report_status(
        self,
        dossier_code: str,
        *,
        national_code: str,
        status: str,
        processed_at: datetime,
        subject_identifier: str | None = None,
        content: str | None = None,
        documents: Sequence[StatusFile] | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Answer[DossierSync]:
        """Tell the portal how far a dossier is that it had pushed, by both codes (đồng bộ trạng thái hồ sơ).

        Needs user.

        Args:
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            national_code: Mã hồ sơ quốc gia: the code that the national portal gave the dossier.
            status: Trạng thái hồ sơ: newly_registered mới đăng ký · received được tiếp nhận · not_received không được
                tiếp nhận · in_process đang xử lý · supplement_requested yêu cầu bổ sung giấy tờ · payment_requested
                yêu cầu thực hiện nghĩa vụ tài chính · withdrawn công dân rút hồ sơ · stopped dừng xử lý · finished đã
                xử lý xong · handed_over đã trả kết quả; or a local code of the deployment's table.
            processed_at: Ngày xử lý.
            subject_identifier: Mã đối tượng: số định danh cá nhân or mã số doanh nghiệp.
            content: Nội dung xử lý.
            documents: Tài liệu xử lý.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(
            questions.report_status(
                dossier_code,
                national_code=national_code,
                status=status,
                processed_at=processed_at,
                subject_identifier=subject_identifier,
                content=content,
                documents=documents,
            ),
            options,
            idempotency_key,
        )

    def dossier_sync(self, dossier_code: str, **options: Unpack[Options]) -> Answer[DossierSync]:
        """How far the portal has a dossier: accepted, waiting, refused (tình trạng đồng bộ hồ sơ).

        Needs user.

        Args:
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(questions.dossier_sync(dossier_code), options)

    def preflight(
        self,
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
        **options: Unpack[Options],
    ) -> Answer[Preflight]:
        """The points of Quyết định 766/QĐ-TTg that a dossier would keep and lose, and by which fields; nothing is
        sent (kiểm tra trước khi đồng bộ).

        Needs user.

        Args:
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
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask(
            questions.preflight(
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
        )

    def procedures(
        self,
        *,
        code: str | None = None,
        q: str | None = None,
        page_token: str | None = None,
        **options: Unpack[Options],
    ) -> Page[Procedure]:
        """The published procedures, by words, or one whole by its code (danh mục thủ tục hành chính).

        Args:
            code: Mã thủ tục hành chính: that one alone, with all that the portal says of it.
            q: Words of the code, name, field or agency; case and diacritics do not matter, đ is found by d.
            page_token: meta.next_page_token of the previous page.
            **options: See :class:`~lgsp_client.Options`.
        """
        return self._sender.ask_page(questions.procedures(code=code, q=q, page_token=page_token), options)


class AsyncPublicServicePortal:
    """Cổng Dịch vụ công quốc gia."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def sync_dossier(
        self,
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
        """Tell the portal of a dossier, new or in its newer state (đồng bộ hồ sơ).

        Needs user.

        Args:
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
            questions.sync_dossier(
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
        """Tell the portal of one step of a dossier's handling (cập nhật tiến độ xử lý hồ sơ).

        Needs user.

        Args:
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

    async def report_status(
        self,
        dossier_code: str,
        *,
        national_code: str,
        status: str,
        processed_at: datetime,
        subject_identifier: str | None = None,
        content: str | None = None,
        documents: Sequence[StatusFile] | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Answer[DossierSync]:
        """Tell the portal how far a dossier is that it had pushed, by both codes (đồng bộ trạng thái hồ sơ).

        Needs user.

        Args:
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            national_code: Mã hồ sơ quốc gia: the code that the national portal gave the dossier.
            status: Trạng thái hồ sơ: newly_registered mới đăng ký · received được tiếp nhận · not_received không được
                tiếp nhận · in_process đang xử lý · supplement_requested yêu cầu bổ sung giấy tờ · payment_requested
                yêu cầu thực hiện nghĩa vụ tài chính · withdrawn công dân rút hồ sơ · stopped dừng xử lý · finished đã
                xử lý xong · handed_over đã trả kết quả; or a local code of the deployment's table.
            processed_at: Ngày xử lý.
            subject_identifier: Mã đối tượng: số định danh cá nhân or mã số doanh nghiệp.
            content: Nội dung xử lý.
            documents: Tài liệu xử lý.
            idempotency_key: The same for each repetition of one order.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(
            questions.report_status(
                dossier_code,
                national_code=national_code,
                status=status,
                processed_at=processed_at,
                subject_identifier=subject_identifier,
                content=content,
                documents=documents,
            ),
            options,
            idempotency_key,
        )

    async def dossier_sync(self, dossier_code: str, **options: Unpack[Options]) -> Answer[DossierSync]:
        """How far the portal has a dossier: accepted, waiting, refused (tình trạng đồng bộ hồ sơ).

        Needs user.

        Args:
            dossier_code: Mã hồ sơ: agency, day and number, as 000.00.04.H58-260106-0001.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(questions.dossier_sync(dossier_code), options)

    async def preflight(
        self,
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
        **options: Unpack[Options],
    ) -> Answer[Preflight]:
        """The points of Quyết định 766/QĐ-TTg that a dossier would keep and lose, and by which fields; nothing is
        sent (kiểm tra trước khi đồng bộ).

        Needs user.

        Args:
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
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask(
            questions.preflight(
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
        )

    async def procedures(
        self,
        *,
        code: str | None = None,
        q: str | None = None,
        page_token: str | None = None,
        **options: Unpack[Options],
    ) -> AsyncPage[Procedure]:
        """The published procedures, by words, or one whole by its code (danh mục thủ tục hành chính).

        Args:
            code: Mã thủ tục hành chính: that one alone, with all that the portal says of it.
            q: Words of the code, name, field or agency; case and diacritics do not matter, đ is found by d.
            page_token: meta.next_page_token of the previous page.
            **options: See :class:`~lgsp_client.Options`.
        """
        return await self._sender.ask_page(questions.procedures(code=code, q=q, page_token=page_token), options)
