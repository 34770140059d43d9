"""Fetching one address on request: public hosts only, with limits on size, time and redirects.

Every host name is resolved first and the connection goes to the checked address itself, so that a name cannot change
its mind in between; each redirect is checked again.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from excomm.errors import ReportError
from excomm.evidence.model import Report
from excomm.evidence.reading.files import read_bytes
from excomm.evidence.reading.limits import HTML_BYTES

__all__ = ["fetch_report", "public_address"]

SECONDS = 15.0
REDIRECTS = 4
_PORTS = {"http": 80, "https": 443}


def public_address(host: str, port: int) -> str:
    """An address of the host that is reachable on the public internet; ReportError for any other."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ReportError(f"the host {host} cannot be found", next_step="Check the address.") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        parsed = ipaddress.ip_address(address.split("%")[0])
        mapped = getattr(parsed, "ipv4_mapped", None) or parsed
        if not mapped.is_global or mapped.is_multicast or mapped.is_reserved:
            raise ReportError(
                f"{host} is not a public address",
                expected="a host on the public internet",
                next_step="Save the page and read the file.",
            )
    return addresses[0]


def fetch_report(url: str) -> tuple[Report, ...]:
    """Reports behind an http or https address. The day of retrieval is today."""
    body, last = _get(url)
    today = datetime.now(UTC).date()
    reports = read_bytes(body, urlsplit(last).path.rsplit("/", 1)[-1] or None)
    from dataclasses import replace

    return tuple(replace(each, url=each.url or last, retrieved=today, path=last) for each in reports)


def _get(url: str) -> tuple[bytes, str]:
    started = time.monotonic()
    for _ in range(REDIRECTS + 1):
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password:
            raise ReportError(f"cannot fetch {url}", expected="an http or https address without a password")
        port = parts.port or _PORTS[parts.scheme]
        if port not in _PORTS.values():
            raise ReportError(f"port {port} is not fetched", expected="port 80 or 443")
        address = public_address(parts.hostname, port)
        status, location, body = _request(
            parts.scheme, parts.hostname, port, address, parts.path, parts.query, started
        )
        if status in {301, 302, 303, 307, 308} and location:
            url = urljoin(url, location)
            continue
        if status != 200:
            raise ReportError(
                f"the server answered {status}", file=url, next_step="Save the page and read the file."
            )
        return body, url
    raise ReportError("too many redirects", file=url)


def _request(
    scheme: str, host: str, port: int, address: str, path: str, query: str, started: float
) -> tuple[int, str | None, bytes]:
    remaining = max(0.1, SECONDS - (time.monotonic() - started))
    connection: http.client.HTTPConnection
    try:
        raw = socket.create_connection((address, port), timeout=remaining)
        if scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
        connection = http.client.HTTPConnection(host, port, timeout=remaining)
        connection.sock = raw
        connection.request(
            "GET", (path or "/") + (f"?{query}" if query else ""), headers={"User-Agent": "excomm"}
        )
        answer = connection.getresponse()
        body = b""
        while len(body) <= HTML_BYTES:
            if time.monotonic() - started > SECONDS:
                raise ReportError(f"no answer within {SECONDS:.0f} seconds", file=host)
            chunk = answer.read(65_536)
            if not chunk:
                break
            body += chunk
        connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ReportError(
            f"cannot fetch from {host}: {type(error).__name__}", next_step="Save the page."
        ) from error
    if len(body) > HTML_BYTES:
        raise ReportError(f"the page is larger than {HTML_BYTES // 1_000_000} MB", file=host)
    return answer.status, answer.getheader("location"), body
