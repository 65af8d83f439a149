"""WS-Security UsernameToken with a digest, checked in the order and answered with the texts of Apache WSS4J.

WSS4J reads the token, then refuses one too old or too new, then a nonce that it has seen, then a wrong digest;
its default tolerances are 300 s of age and 60 s of future. Codes are those of the OASIS standard (WSS SOAP Message
Security 1.1.1, section 12). They come as a subcode of `soap:Sender`, with HTTP 500 as Apache CXF sends every Fault.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from mocks.engine.service import Reply, Request, World
from mocks.engine.soap import ENVELOPE_12, reply_12

_WSS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
WSSE: Final = f"{_WSS}-wssecurity-secext-1.0.xsd"
WSU: Final = f"{_WSS}-wssecurity-utility-1.0.xsd"
DIGEST: Final = f"{_WSS}-username-token-profile-1.0#PasswordDigest"
BASE64: Final = f"{_WSS}-soap-message-security-1.0#Base64Binary"

OLDEST: Final = timedelta(seconds=300)
NEWEST: Final = timedelta(seconds=60)
MAX_NONCES: Final = 100_000
"""Maximum number of nonces; the oldest are removed early, so that memory stays bounded."""

_INVALID: Final = "An error was discovered processing the <wsse:Security> header"
_UNREADABLE: Final = 'An error happened processing a Username Token "{}"'
_FAILED: Final = "The security token could not be authenticated or authorized"
_EXPIRED: Final = "The message has expired"


class Denied(Exception):
    """The security header is not valid; *code* is the standard's, *rule* is the text for the journal."""

    def __init__(self, code: str, message: str, rule: str) -> None:
        super().__init__(message)
        self.code = code
        self.rule = rule


class UsernameTokens:
    """Checks the UsernameTokens of one SOAP 1.2 service with one published account.

    Nonces and ages follow real time, not the country's clock; `clock_skew` moves the service's own clock.
    """

    def __init__(self, world: World, system: str, *, account: str = "ws_", most_nonces: int = MAX_NONCES) -> None:
        self._most_nonces = most_nonces
        self._username = world.credential(system, f"{account}username")
        self._password = world.credential(system, f"{account}password")
        self._clock = world.clock
        self._nonces: OrderedDict[bytes, datetime] = OrderedDict()

    def refusal(self, request: Request) -> Reply | None:
        """Returns None for a valid token, otherwise the Fault."""
        try:
            self._check(request)
        except Denied as denied:
            request.breach(denied.rule)
            return security_fault(denied.code, str(denied))
        return None

    def header(self) -> str:
        """Returns a valid Security header, as a client of this account would send it."""
        salt = secrets.token_bytes(16)
        created = f"{self._now():%Y-%m-%dT%H:%M:%SZ}"
        return (
            f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"><wsse:UsernameToken>'
            f"<wsse:Username>{escape(self._username)}</wsse:Username>"
            f'<wsse:Password Type="{DIGEST}">{self._digest(salt, created)}</wsse:Password>'
            f'<wsse:Nonce EncodingType="{BASE64}">{base64.b64encode(salt).decode()}</wsse:Nonce>'
            f"<wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security>"
        )

    def _now(self) -> datetime:
        """Returns the real time, without the country's advance."""
        return (self._clock.now() - self._clock.ahead).astimezone(UTC)

    def _digest(self, salt: bytes, created: str) -> str:
        return base64.b64encode(hashlib.sha1(salt + created.encode() + self._password.encode()).digest()).decode()

    def _check(self, request: Request) -> None:
        security = _security_of(request)
        now = self._now() + timedelta(seconds=request.skew_s)
        _check_timestamp(security, now)
        token = _token_of(security)
        username, nonce = _text(token, WSSE, "Username"), _text(token, WSSE, "Nonce")
        created, password = _text(token, WSU, "Created"), token.find(f"{{{WSSE}}}Password")
        at = _instant(created)
        if not now - OLDEST <= at <= now + NEWEST:
            side = "past" if at < now else "future"
            raise Denied("MessageExpired", _EXPIRED, f"header wsu:Created: too far in the {side}")
        salt = _nonce(nonce)
        # Compared as bytes: base64 can encode the same bytes differently.
        self._use(salt, at, now)
        if password is None or password.get("Type") != DIGEST:
            raise Denied("FailedAuthentication", _FAILED, "header wsse:Password: no digest")
        expected = self._digest(salt, created)
        right = hmac.compare_digest((password.text or "").strip().encode(), expected.encode())
        if not (hmac.compare_digest(username.encode(), self._username.encode()) and right):
            raise Denied("FailedAuthentication", _FAILED, "header wsse:UsernameToken: unknown name or wrong digest")

    def _use(self, nonce: bytes, at: datetime, now: datetime) -> None:
        while self._nonces and (next(iter(self._nonces.values())) < now or len(self._nonces) >= self._most_nonces):
            self._nonces.popitem(last=False)
        if nonce in self._nonces:
            message = _UNREADABLE.format("A replay attack has been detected")
            raise Denied("InvalidSecurity", message, "header wsse:Nonce: used before")
        self._nonces[nonce] = max(at, now) + OLDEST + timedelta(seconds=1)


def expired(_: Request) -> Reply:
    """Returns the service's answer to an expired token, for `token_expired`."""
    return security_fault("MessageExpired", _EXPIRED)


def security_fault(code: str, message: str) -> Reply:
    """Returns a Fault of SOAP 1.2 with a WS-Security code as subcode."""
    fault = etree.Element(f"{{{ENVELOPE_12}}}Fault", nsmap={"soap": ENVELOPE_12, "wsse": WSSE})
    where = etree.SubElement(fault, f"{{{ENVELOPE_12}}}Code")
    etree.SubElement(where, f"{{{ENVELOPE_12}}}Value").text = "soap:Sender"
    subcode = etree.SubElement(where, f"{{{ENVELOPE_12}}}Subcode")
    etree.SubElement(subcode, f"{{{ENVELOPE_12}}}Value").text = f"wsse:{code}"
    reason = etree.SubElement(etree.SubElement(fault, f"{{{ENVELOPE_12}}}Reason"), f"{{{ENVELOPE_12}}}Text")
    reason.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    reason.text = message
    return reply_12(fault, status=500)


def _security_of(request: Request) -> etree._Element:
    body = request.soap
    envelope = None if body is None else body.getroottree().getroot()
    header = None if envelope is None else envelope.find(f"{{{ENVELOPE_12}}}Header")
    headers = [] if header is None else header.findall(f"{{{WSSE}}}Security")
    if len(headers) != 1:
        rule = "header wsse:Security: missing" if not headers else "header wsse:Security: more than one"
        raise Denied("InvalidSecurity", _INVALID, rule)
    return headers[0]


def _check_timestamp(security: etree._Element, now: datetime) -> None:
    """Checks the optional `wsu:Timestamp`: it must not be expired or in the future."""
    for stamp in security.findall(f"{{{WSU}}}Timestamp"):
        expires, created = stamp.findtext(f"{{{WSU}}}Expires"), stamp.findtext(f"{{{WSU}}}Created")
        if expires is not None and _instant(expires.strip()) < now:
            raise Denied("MessageExpired", _EXPIRED, "header wsu:Expires: past")
        if created is not None and _instant(created.strip()) > now + NEWEST:
            raise Denied("MessageExpired", _EXPIRED, "header wsu:Created: too far in the future")


def _token_of(security: etree._Element) -> etree._Element:
    tokens = security.findall(f"{{{WSSE}}}UsernameToken")
    if len(tokens) != 1:
        raise Denied("InvalidSecurity", _INVALID, "header wsse:Security: not exactly one UsernameToken")
    return tokens[0]


def _text(token: etree._Element, namespace: str, name: str) -> str:
    """Returns the text of the only such child; WSS4J applies the Basic Security Profile, which requires exactly one."""
    found = token.findall(f"{{{namespace}}}{name}")
    text = (found[0].text or "").strip() if len(found) == 1 else ""
    if not text:
        prefix = "wsse" if namespace == WSSE else "wsu"
        raise Denied("InvalidSecurity", _INVALID, f"header {prefix}:{name}: not exactly one with a text")
    return text


def _instant(written: str) -> datetime:
    try:
        at = datetime.fromisoformat(written)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):  # an instant of year 1 east of Greenwich has no UTC year
        message = "header wsu:Created or wsu:Expires: not a date and time"
        raise Denied("InvalidSecurity", _INVALID, message) from None


def _nonce(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        message = _UNREADABLE.format("The Nonce is not valid Base-64")
        raise Denied("InvalidSecurity", message, "header wsse:Nonce: not base64") from None
