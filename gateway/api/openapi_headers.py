"""The headers of requests, for the description."""

from __future__ import annotations

from typing import Any, Final

ID: Final = "^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}$"
HEADERS: Final[dict[str, dict[str, Any]]] = {
    "X-Request-Timeout": {
        "description": "Deadline in seconds, capped by the operation's own",
        "schema": {"type": "number", "minimum": 0.1, "maximum": 120},
        "example": 10,
    },
    "Cache-Control": {
        "description": "no-cache, no-store, max-age, only-if-cached, max-stale (RFC 9111)",
        "schema": {"type": "string"},
        "example": "max-age=3600",
    },
    "If-None-Match": {
        "description": "ETags of answers that the caller has: 304 where one of them is still current",
        "schema": {"type": "string"},
    },
    "Range": {
        "description": "One range of bytes (RFC 9110 section 14.2), of a file that is here whole",
        "schema": {"type": "string", "pattern": "^bytes=[0-9]*-[0-9]*$"},
    },
    "If-Range": {
        "description": "ETag of the file that Range is meant for; the whole file comes where it is another",
        "schema": {"type": "string"},
    },
    "Accept-Language": {
        "description": "The language of problems: vi or en, with weights (RFC 9110 section 12.5.4)",
        "schema": {"type": "string"},
        "example": "vi",
    },
    "X-Dossier-Id": {
        "description": "Mã hồ sơ: the dossier that the request belongs to",
        "schema": {"type": "string", "pattern": ID},
        "example": "000.00.04.H58-261124-0001",
    },
    "X-User-Id": {
        "description": "The officer (cán bộ) who asks",
        "schema": {"type": "string", "pattern": ID},
        "example": "canbo.demo",
    },
    "Idempotency-Key": {
        "description": "The same value for each repetition of one order: printable ASCII, in double quotes or without",
        "schema": {"type": "string", "pattern": '^"*[!#-~]([ -~]{0,253}[!#-~])?"*$'},
        "example": "000.00.04.H58-260106-7001-1",
    },
}
