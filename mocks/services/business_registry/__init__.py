"""CSDLQG về đăng ký doanh nghiệp, dialect `ngsp` [G], and the provincial variant `apiDKKD` [C]."""

from __future__ import annotations

from functools import partial

from mocks.engine.service import Service, World
from mocks.engine.tokens import TokenDesk
from mocks.services.business_registry.registry import Registry
from mocks.services.business_registry.render import DETAIL_FIELDS, LIST_FIELDS, STATUS_FIELDS
from mocks.services.business_registry.samples import samples
from mocks.services.business_registry.tries import tries

_PERIOD = "the request is for a period, not for a record"


def open_service(world: World) -> Service:
    """Opens the registry with new tokens; its records do not change."""
    desk = TokenDesk(world, "business_registry")
    registry = Registry(world)
    detail = partial(
        desk.guarded,
        name="chiTietDoanhNghiep",
        another=registry.another_detail,
        shown=frozenset({"msdn"}),
        fields=DETAIL_FIELDS,
    )
    period = partial(desk.guarded, why_no_another=_PERIOD, fields=LIST_FIELDS)
    pages = frozenset({"offset", "limit"})
    return Service(
        name="business_registry",
        title="CSDLQG về đăng ký doanh nghiệp",
        samples=partial(samples, world),
        tries=tries(desk),
        calls=(
            desk.call(),
            detail(path="apiCSDLDKDN/chiTietDoanhNghiep", answer=registry.detail),
            detail(
                path="apiDKKD/DoanhNghiep/chiTietDoanhNghiep",
                answer=registry.certificate,
                another=registry.another_certificate,
            ),
            period(
                name="danhSachHoSoTrongNgay",
                path="apiCSDLDKDN/danhSachHoSoTrongNgay",
                answer=registry.handled_today,
                shown=pages | {"from_ts", "to_ts"},
            ),
            period(
                name="danhSachHoSo",
                path="apiCSDLDKDN/danhSachHoSo",
                answer=registry.received,
                shown=pages | {"from_date", "to_date"},
            ),
            desk.guarded(
                name="tinhTrangHoSo",
                path="apiCSDLDKDN/tinhTrangHoSo",
                answer=registry.status,
                another=registry.another_status,
                shown=frozenset({"in_journal_no"}),
                fields=STATUS_FIELDS,
            ),
        ),
    )
