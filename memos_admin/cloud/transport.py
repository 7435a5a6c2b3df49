"""One HTTP request at a time over pooled connections: the only module that knows httpx.

Nothing of httpx leaves it, exceptions neither: their requests carry the key. What goes wrong is
returned as a `Break`, so that no traceback chains to a frame with a header in it.

The key goes to the base URL only: redirects are never followed, `.netrc` is never read, and the
proxies of the environment are used for https alone, where they see an encrypted tunnel. Requests to
this machine never pass a proxy.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Generator
from dataclasses import dataclass

import httpx

from memos_admin import __version__
from memos_admin.cloud.envelope import Break, Reply
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.origin import BadAddress, is_loopback, origin
from memos_admin.cloud.pacing import Clock, http_date, retry_after_seconds
from memos_admin.language import gettext as _

LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes after decompression; a page of fifty memories has about fifty thousand."""

# At DEBUG httpcore writes down the headers of answers: cookies, or a key that a service repeats.
logging.getLogger("httpcore").addHandler(logging.NullHandler())
logging.getLogger("httpcore").propagate = False

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


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
        self._closed = False
        self.clock_ahead = 0.0

    async def send(self, method: str, path: str, body: bytes | None) -> Reply | Break:
        """Send one request and return its whole answer, or why there is none.

        Args:
            method: ``GET`` or ``POST``.
            path: below the base URL, already quoted.
            body: JSON, or None.
        """
        if self._closed:
            return Break(_("the connection was closed"), "", sent=False, kind="lasting")
        try:
            async with asyncio.timeout(self._timeouts.total):
                return await self._exchange(method, path, body)
        except TimeoutError:
            return self._slow(sent=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return self._broken(error)
        except Exception as error:  # noqa: BLE001 - none may leave: its frames know the key
            # Not of httpx's own kinds: proxy settings, a missing SSL_CERT_FILE, a client closed
            # meanwhile, exception groups of anyio.
            return self._unusable_settings(error)

    async def close(self) -> None:
        """Close all connections; requests from now on fail."""
        self._closed = True
        if self._client is not None:
            await self._client.aclose()

    async def _exchange(self, method: str, path: str, body: bytes | None) -> Reply | Break:
        client = self._client or self._connect()
        headers = {"Content-Type": "application/json"} if body is not None else None
        url = f"{self._base_url}{path}"
        request = client.build_request(method, url, content=body, headers=headers)
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
            location=self._elsewhere(response.headers.get("Location")),
        )

    def _connect(self) -> httpx.AsyncClient:
        """Return the client, made at the first request: certificates take a while to load."""
        timeouts, most = self._timeouts, self._connections
        https = self._base_url.startswith("https:")
        # Without https nothing is verified; this context would trust nobody.
        trust = httpx.create_ssl_context() if https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._client = httpx.AsyncClient(
            verify=trust,
            trust_env=not is_loopback(self._base_url),
            follow_redirects=False,
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

    def _elsewhere(self, location: str | None) -> str | None:
        """Return the origin that a redirect names, or None where it is the own one or no address."""
        try:
            target = origin((location or "").partition("?")[0].partition("#")[0])
        except BadAddress:
            return None
        return None if target == self._origin else target

    def _broken(self, error: httpx.HTTPError | httpx.InvalidURL) -> Break:
        """Return why httpx gave no answer."""
        sent = not isinstance(error, _NEVER_SENT)
        if isinstance(error, httpx.TimeoutException) and not isinstance(
            error, httpx.ConnectTimeout
        ):
            return self._slow(sent=sent)
        if not sent:
            return self._unconnected(error)
        if isinstance(error, httpx.DecodingError):
            what = _("the answer is not compressed as it says")
            return Break(what, "", sent=True, kind="unusable")
        if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
            return Break(_("the connection broke off"), _("Try again."), sent=True)
        return Break(
            _("the address is unusable"), _("Check the base URL."), sent=True, kind="lasting"
        )

    def _unconnected(self, error: Exception) -> Break:
        """Return why there is no connection."""
        if isinstance(error, httpx.ProxyError):
            what = _("the proxy of the environment gives no connection")
            return Break(what, _("Check HTTPS_PROXY and NO_PROXY."), sent=False)
        if _has_cause(error, ssl.SSLCertVerificationError):
            what = _("the certificate of {address} is not trusted").format(address=self._origin)
            advice = _("Check the address; for a company's own certificates set SSL_CERT_FILE.")
            return Break(what, advice, sent=False, kind="lasting")
        what = _("no connection to {address}")
        if isinstance(error, httpx.TimeoutException):
            what = _("no connection to {address} in time")
        what = what.format(address=self._origin)
        return Break(what, _("Check the address and the network."), sent=False)

    def _slow(self, *, sent: bool) -> Break:
        advice = _("Check the network, or try again in a few minutes.")
        return Break(
            _("{address} did not answer in time").format(address=self._origin),
            advice,
            sent=sent,
            silent=sent,
        )

    def _unusable_settings(self, error: Exception) -> Break:
        """Return why httpx could not even begin; only the kind is told, texts may hold passwords."""
        if self._closed:
            return Break(_("the connection was closed"), "", sent=True, kind="lasting")
        return Break(
            _("no connection can be made ({kind})").format(kind=type(error).__name__),
            _("Check HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE in the environment."),
            sent=self._client is not None,
            kind="lasting",
        )


def _has_cause(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Return whether an error of `kind` is behind another one."""
    seen = 0
    while error is not None and seen < 20:
        if isinstance(error, kind):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False
