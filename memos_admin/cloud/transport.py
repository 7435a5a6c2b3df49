"""One HTTP request at a time over pooled connections: the only module that knows httpx.

Nothing of httpx leaves it, exceptions neither: their requests carry the key. What goes wrong is
returned as a `Break`, so that no traceback chains to a frame with a header in it.

The key goes to the base URL only: redirects are never followed, `.netrc` is never read, and the
proxy of the environment is used for https alone, where it sees an encrypted tunnel. Requests to this
machine never pass a proxy.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import httpx

from memos_admin import __version__
from memos_admin.cloud.envelope import Break, Reply
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.origin import origin
from memos_admin.cloud.pacing import Clock, http_date, retry_after_seconds
from memos_admin.cloud.proxy import Proxy, environment_proxy
from memos_admin.cloud.redirects import pointed_to
from memos_admin.language import gettext as _

LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes after decompression; a page of fifty memories has about fifty thousand."""

# At DEBUG httpcore writes down the headers of answers: cookies, or a key that a service repeats.
logging.getLogger("httpcore").addHandler(logging.NullHandler())
logging.getLogger("httpcore").propagate = False


_LOCATION = "memos_admin.location"


async def _take_location(response: httpx.Response) -> None:
    """Keep a redirect from httpx, which reads it though it is not to follow, and fails at some."""
    response.extensions[_LOCATION] = response.headers.pop("Location", None)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a request may take, in seconds.

    Attributes:
        total: for the whole request, whatever trickles in meanwhile.
    """

    connect: float = 10.0
    read: float = 30.0
    write: float = 30.0
    pool: float = 10.0
    total: float = 60.0


class Sending:
    """How far a request is, behind connections, tunnels and handshakes.

    Attributes:
        begun: it was begun to be sent, and may be carried out.
        declined: it was sent before, and certainly not carried out.
    """

    def __init__(self) -> None:
        self.begun = self.declined = False

    def take_back(self) -> None:
        """Note that it was not carried out, so that it may be sent again."""
        self.declined |= self.begun
        self.begun = False

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Take notice of what httpcore does (its extension ``trace``)."""
        if event == "http11.send_request_headers.started":
            self.begun |= info["request"].method != b"CONNECT"


class _TokenAuth(httpx.Auth):
    """Adds the service's own header; the header's text exists only inside httpx."""

    def __init__(self, key: ApiKey) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Token {self._key.reveal()}"
        yield request


class Transport:
    """Sends requests to one base URL with one key. Bound to the event loop that uses it first.

    Args:
        base_url: as `check_base_url` returns it.
        key: goes into the header of every request.
        timeouts: of one request.
        connections: kept at most.
        wall: the present instant in epoch seconds.

    Attributes:
        clock_ahead: seconds that the clock of this machine is ahead of the one that sent the last
            answer; 0: it did not say.
    """

    def __init__(
        self,
        base_url: str,
        key: ApiKey,
        timeouts: Timeouts,
        connections: int,
        wall: Clock = time.time,
    ) -> None:
        self._base_url = base_url
        self._origin = origin(base_url)
        self._auth = _TokenAuth(key)
        self._timeouts = timeouts
        self._connections = connections
        self._wall = wall
        self._client: httpx.AsyncClient | None = None
        self._proxy: Proxy | None = None
        self._closed = False
        self.clock_ahead = 0.0

    async def send(
        self, method: str, path: str, body: bytes | None, sending: Sending
    ) -> Reply | Break:
        """Send one request and return its whole answer, or why there is none.

        Args:
            method: ``GET`` or ``POST``.
            path: below the base URL, already quoted.
            body: JSON, or None.
            sending: has how far it is, should this be cancelled.
        """
        if self._closed:
            return Break(_("the connection was closed"), "", sent=False, kind="lasting")
        try:
            async with asyncio.timeout(self._timeouts.total):
                return await self._exchange(method, path, body, sending)
        except TimeoutError:
            return self._broken(httpx.ReadTimeout(""), sent=sending.begun)
        except httpx.HTTPError as error:
            return self._broken(error, sent=sending.begun)
        except Exception as error:  # noqa: BLE001 - none may leave: its frames know the key
            # Not of httpx's own kinds: proxy settings, a missing SSL_CERT_FILE, a client closed
            # meanwhile, exception groups of anyio.
            return self._unusable_settings(error, sent=sending.begun)

    async def close(self) -> None:
        """Close all connections; requests from now on fail."""
        self._closed = True
        if self._client is not None:
            await self._client.aclose()

    async def _exchange(
        self, method: str, path: str, body: bytes | None, sending: Sending
    ) -> Reply | Break:
        client = self._client or self._connect()
        headers = {"Content-Type": "application/json"} if body is not None else None
        url = f"{self._base_url}{path}"
        request = client.build_request(
            method, url, content=body, headers=headers, extensions={"trace": sending.trace}
        )
        response = await client.send(request, auth=self._auth, stream=True)
        try:
            chunks, size = [], 0
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > LARGEST_ANSWER:
                    what = _("the answer is larger than {size} MiB").format(
                        size=LARGEST_ANSWER // 2**20
                    )
                    return Break(what, "", sent=True, kind="unusable")
                chunks.append(chunk)
        finally:
            await response.aclose()
        now = self._wall()
        there = http_date(response.headers.get("Date"))
        self.clock_ahead = 0.0 if there is None else now - there
        return Reply(
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            body=b"".join(chunks),
            retry_after=retry_after_seconds(
                response.headers.get("Retry-After"), now - self.clock_ahead
            ),
            location=pointed_to(self._base_url, path, response.extensions[_LOCATION]),
        )

    def _connect(self) -> httpx.AsyncClient:
        """Return the client, made at the first request: certificates take a while to load."""
        timeouts, most = self._timeouts, self._connections
        https = self._base_url.startswith("https:")
        # Without https nothing is verified; this context would trust nobody.
        trust = httpx.create_ssl_context() if https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._proxy = environment_proxy(self._base_url)
        self._client = httpx.AsyncClient(
            verify=trust,
            proxy=self._proxy.url if self._proxy else None,
            trust_env=False,  # what it would read is read above
            follow_redirects=False,
            event_hooks={"response": [_take_location]},
            timeout=httpx.Timeout(
                connect=timeouts.connect,
                read=timeouts.read,
                write=timeouts.write,
                pool=timeouts.pool,
            ),
            limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
            headers={"User-Agent": f"memos-admin/{__version__}", "Accept": "application/json"},
        )
        return self._client

    def _broken(self, error: httpx.HTTPError, *, sent: bool) -> Break:
        """Return why httpx gave no answer.

        Args:
            error: what it raised.
            sent: the request itself may have reached the service.
        """
        if isinstance(error, httpx.TimeoutException) and (
            sent or isinstance(error, httpx.PoolTimeout)
        ):
            return self._slow(sent=sent)
        if not sent:
            if self._proxy is not None:
                return self._untunnelled(error, self._proxy)
            return self._unconnected(error)
        if isinstance(error, httpx.DecodingError):
            what = _("the answer is not compressed as it says")
            return Break(what, "", sent=True, kind="unusable")
        if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
            what = _("the connection broke off")
            if self._proxy is not None:
                what = _("the connection through the proxy {proxy} broke off")
                what = what.format(proxy=self._proxy.shown)
            return Break(what, _("Try again."), sent=True)
        return Break(
            _("the address is unusable"), _("Check the base URL."), sent=True, kind="lasting"
        )

    def _unconnected(self, error: Exception) -> Break:
        """Return why there is no connection."""
        if _has_cause(error, ssl.SSLCertVerificationError):
            return self._untrusted(
                _("Check the address; for a company's own certificates set SSL_CERT_FILE.")
            )
        what = _("no connection to {address}")
        if isinstance(error, httpx.TimeoutException):
            what = _("no connection to {address} in time")
        what = what.format(address=self._origin)
        return Break(what, _("Check the address and the network."), sent=False)

    def _untunnelled(self, error: Exception, proxy: Proxy) -> Break:
        """Return why a proxy gave no way to the service."""
        if _has_cause(error, ssl.SSLCertVerificationError):
            advice = _(
                "The proxy {proxy}, which {variable} names, may have answered in its place: check it; "
                "for a company's own certificates set SSL_CERT_FILE."
            )
            return self._untrusted(advice.format(proxy=proxy.shown, variable=proxy.variable))
        # httpx raises it with the status of the proxy's answer, and words of the proxy.
        status = str(error)[:3] if isinstance(error, httpx.ProxyError) else ""
        if status.isdecimal():
            what = _("the proxy {proxy} gives no connection to {address} (HTTP {status})")
        elif isinstance(error, httpx.TimeoutException):
            what = _("the proxy {proxy} gives no connection to {address} in time")
        elif isinstance(error, httpx.ConnectError) and not _has_cause(error, ssl.SSLError):
            what = _("no connection to the proxy {proxy}")
        else:
            what = _("the proxy {proxy} gives no connection to {address}")
        advice = _(
            "MemOS was not reached: check the proxy, and what {variable} and NO_PROXY say in the "
            "environment."
        )
        if status == "407":
            advice = _(
                "MemOS was not reached: the proxy asks for another user name and password than "
                "{variable} has in the environment."
            )
        return Break(
            what.format(proxy=proxy.shown, address=self._origin, status=status),
            advice.format(variable=proxy.variable),
            sent=False,
        )

    def _untrusted(self, advice: str) -> Break:
        what = _("the certificate of {address} is not trusted").format(address=self._origin)
        return Break(what, advice, sent=False, kind="lasting")

    def _slow(self, *, sent: bool) -> Break:
        advice = _("Check the network, or try again in a few minutes.")
        what = _("{address} did not answer in time").format(address=self._origin)
        if self._proxy is not None:
            what = _("{address} did not answer in time through the proxy {proxy}")
            what = what.format(address=self._origin, proxy=self._proxy.shown)
        return Break(what, advice, sent=sent, silent=sent)

    def _unusable_settings(self, error: Exception, *, sent: bool) -> Break:
        """Return why httpx could not even begin; only the kind is told, texts may hold passwords."""
        if self._closed:
            return Break(_("the connection was closed"), "", sent=sent, kind="lasting")
        what = _("no connection can be made ({kind})").format(kind=type(error).__name__)
        advice = _("Check HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE in the environment.")
        if self._proxy is not None:
            what = _("no connection can be made through the proxy {proxy} ({kind})")
            what = what.format(proxy=self._proxy.shown, kind=type(error).__name__)
            advice = _("Check {variable} and SSL_CERT_FILE in the environment.")
            advice = advice.format(variable=self._proxy.variable)
        return Break(what, advice, sent=sent, kind="lasting")


def _has_cause(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Return whether an error of `kind` is behind another one."""
    seen = 0
    while error is not None and seen < 20:
        if isinstance(error, kind):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False
