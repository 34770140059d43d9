"""What stands between the pages and the world: policy headers, host names, tokens, forged requests, rates and sizes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from excomm.web.settings import ServerSettings

__all__ = ["COOKIE", "POLICY", "TOKEN_COOKIE", "Guard", "Rates", "csrf_of"]

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

COOKIE = "excomm_session"
TOKEN_COOKIE = "excomm_token"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
_SAFE = {"GET", "HEAD", "OPTIONS"}
_YEAR = 365 * 24 * 3600


def csrf_of(secret: bytes, session: str) -> str:
    """Token that every change must carry: it binds the request to the session's own pages."""
    return hmac.new(secret, f"csrf:{session}".encode(), hashlib.sha256).hexdigest()


class Rates:
    """Token buckets by key; the least recently used are forgotten, so that memory stays bounded."""

    def __init__(self, keys: int = 10_000) -> None:
        self._keys = keys
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def wait(self, kind: str, key: str, per_minute: int, *, now: float | None = None) -> float:
        """0 where one more is allowed (and taken), else seconds until the next."""
        at = monotonic() if now is None else now
        left, since = self._buckets.pop((kind, key), (float(per_minute), at))
        left = min(float(per_minute), left + (at - since) * per_minute / 60)
        allowed = left >= 1
        self._buckets[kind, key] = (left - 1 if allowed else left, at)
        while len(self._buckets) > self._keys:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) * 60 / per_minute


class Guard:
    """ASGI middleware around the whole application; a refusal is a short plain answer with its reason."""

    def __init__(self, app: Any, *, settings: ServerSettings, secret: bytes) -> None:
        self.app, self.settings, self.secret = app, settings, secret
        self.rates = Rates()
        names = {"127.0.0.1", "localhost", "[::1]", *settings.hosts}
        if settings.host not in ("0.0.0.0", "::"):
            names.add(f"[{settings.host}]" if ":" in settings.host else settings.host)
        self.names = {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {key.lower(): value for key, value in scope["headers"]}
        cookies = _cookies(headers.get(b"cookie", b""))
        fresh: list[str] = []
        session = cookies.get(COOKIE, "")
        if not self._is_signed(session):
            session = self._new_session()
            fresh.append(_cookie(COOKIE, session))
        scope.setdefault("state", {})
        identity = session.partition(".")[0]
        scope["state"]["session"] = identity
        scope["state"]["csrf"] = csrf_of(self.secret, identity)

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = {key.lower() for key, _ in message["headers"]}
                added = [pair for pair in _HEADERS if pair[0] not in own]
                if b"content-security-policy" not in own:
                    added.append((b"content-security-policy", POLICY.encode()))
                if b"cache-control" not in own:
                    added.append((b"cache-control", b"no-store"))
                added += [(b"set-cookie", each.encode()) for each in fresh]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        refusal = self._refusal(scope, headers, cookies, identity, bool(fresh), fresh)
        if refusal is not None:
            await _plain(answer, *refusal)
            return
        limit = self.settings.limits.upload_bytes
        stated = headers.get(b"content-length", b"0")
        if not stated.isdigit() or int(stated) > limit:
            await _plain(answer, 413, f"The request is larger than {limit:,} bytes. Send less at a time.")
            return
        await self.app(scope, _counted(receive, limit), answer)

    def _new_session(self) -> str:
        identity = secrets.token_hex(16)
        return f"{identity}.{self._sign(identity)}"

    def _sign(self, identity: str) -> str:
        return hmac.new(self.secret, f"session:{identity}".encode(), hashlib.sha256).hexdigest()

    def _is_signed(self, session: str) -> bool:
        identity, _, signature = session.partition(".")
        return bool(identity) and hmac.compare_digest(signature, self._sign(identity))

    def _refusal(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        cookies: dict[str, str],
        identity: str,
        is_new: bool,
        fresh: list[str],
    ) -> tuple[int, str] | tuple[int, str, list[tuple[bytes, bytes]]] | None:
        """Status, reason and further headers of a refusal; None where the request may pass."""
        host = headers.get(b"host", b"").decode("latin-1").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name not in self.names:
            return 421, "This server does not answer to that name. Start it with --allow-host NAME."
        if self.settings.token is not None:
            allowed = self._token_answer(scope, headers, cookies, fresh)
            if allowed is not None:
                return allowed
        limits = self.settings.limits
        client = str((scope.get("client") or ("",))[0])
        is_near = client in ("127.0.0.1", "::1", "testclient", "")
        if is_new and not is_near and self.rates.wait("session", client, limits.new_sessions):
            return 429, "Too many new sessions from this address. Try again in a minute."
        key = client if is_new and not is_near else identity
        wait = self.rates.wait("any", key, limits.requests)
        is_change = scope["method"] not in _SAFE
        if not wait and is_change:
            wait = self.rates.wait("write", key, limits.writes)
        if wait:
            seconds = max(1, round(wait))
            return (
                429,
                f"Too many requests. Try again in {seconds} s.",
                [(b"retry-after", str(seconds).encode())],
            )
        if is_change:
            return self._forgery(headers, host, identity, is_new)
        return None

    def _token_answer(
        self, scope: Scope, headers: dict[bytes, bytes], cookies: dict[str, str], fresh: list[str]
    ) -> tuple[int, str] | tuple[int, str, list[tuple[bytes, bytes]]] | None:
        token = self.settings.token or ""
        kept = hashlib.sha256(token.encode()).hexdigest()
        bearer = headers.get(b"authorization", b"").decode("latin-1")
        if hmac.compare_digest(cookies.get(TOKEN_COOKIE, "").encode(), kept.encode()):
            return None
        if bearer.startswith("Bearer ") and hmac.compare_digest(bearer[7:].encode(), token.encode()):
            return None
        pairs = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        given = next((value for key, value in pairs if key == "token"), None)
        if given is not None and hmac.compare_digest(given.encode(), token.encode()):
            fresh.append(_cookie(TOKEN_COOKIE, kept))
            rest = urlencode([(key, value) for key, value in pairs if key != "token"])
            target = scope["path"] + (f"?{rest}" if rest else "")
            # Away from the address that holds the token, so that it stays out of links and histories.
            if scope["method"] in _SAFE and not target.startswith("//"):
                return 303, "", [(b"location", target.encode("latin-1", "ignore"))]
            return None
        client = str((scope.get("client") or ("",))[0])
        if self.rates.wait("token", client, 60):
            return 429, "Too many attempts. Try again in a minute."
        return 401, "This server asks for its token: open the address that `excomm serve` printed."

    def _forgery(
        self, headers: dict[bytes, bytes], host: str, identity: str, is_new: bool
    ) -> tuple[int, str] | None:
        """A change must come from a page of this server, and carry the token of its session."""
        site = headers.get(b"sec-fetch-site", b"same-origin")
        origin = headers.get(b"origin")
        foreign = origin is not None and urlsplit(origin.decode("latin-1")).netloc.lower() != host
        if site not in (b"same-origin", b"none") or foreign:
            return 403, "The request comes from another site."
        given = headers.get(b"x-csrf-token", b"").decode("latin-1")
        if is_new or not hmac.compare_digest(given.encode(), csrf_of(self.secret, identity).encode()):
            return 403, "The request lacks the token of its session. Load the page again."
        return None


def _cookies(header: bytes) -> dict[str, str]:
    try:
        return {key: morsel.value for key, morsel in SimpleCookie(header.decode("latin-1")).items()}
    except CookieError:
        return {}


def _cookie(name: str, value: str) -> str:
    return f"{name}={value}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Strict"


def _counted(receive: Receive, limit: int) -> Receive:
    """The request's body, cut off where it grows beyond the limit without having said so."""
    seen = 0

    async def counted() -> MutableMapping[str, Any]:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                return {"type": "http.disconnect"}
        return message

    return counted


async def _plain(
    send: Send, status: int, text: str, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    body = f"{text}\n".encode() if text else b""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
                *(headers or []),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
