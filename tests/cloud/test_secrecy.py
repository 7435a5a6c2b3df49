"""The key goes to the configured origin, and appears nowhere else."""

import asyncio
import io
import json
import logging
import os
import ssl
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console
from rich.traceback import Traceback

from memos_admin.cloud import errors
from memos_admin.cloud.answers import Memory
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.envelope import excerpt
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.transport import Timeouts
from tests.cloud.conftest import ABORT, SECRET, Answer, Service, Waits, envelope, http


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(
    client: CloudClient, service: Service, other: Service, status: int
) -> None:
    location = f"Location: {other.base_url}/get/message?leave=out"
    service.answer(http("", status=f"{status} Elsewhere", headers=(location,)))
    with pytest.raises(errors.Unusable, match="redirects") as caught:
        await client.get_messages("u", "c")
    assert f"to {other.base_url}/get/message, and" in str(caught.value)
    assert str(caught.value).endswith(f"MemOS is there now, give its base URL: {other.base_url}")
    assert "leave" not in str(caught.value)
    assert other.requests == []
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("", ""),
        ("/elsewhere", "{origin}/elsewhere"),
        ("?token=pa55#there", "{origin}/api/openmem/v1/get/message"),
        ("/api/v2/get/message/", "{origin}/api/v2/get/message"),
        ("//evil.example/x", "http://evil.example/x"),
        ("https://evil.example:443/%7e", "https://evil.example"),
        ("http://evil.example", "http://evil.example"),
        ("https://a:pa55@evil.example/", ""),
        ("javascript:pa55", ""),
        ("https://[pa55", ""),
        ("\x1b]52;c;x\x07", ""),
        ("a b", "{origin}"),
    ],
)
async def test_redirects_to_anywhere_are_not_followed_and_told(
    client: CloudClient, service: Service, location: str, named: str
) -> None:
    body = json.dumps({"code": 0, "data": {}})  # a redirect is none even with a good body
    headers = (f"Location: {location}",) if location.isprintable() else ()
    service.answer(http(body, status="302 Found", headers=headers))
    with pytest.raises(errors.Unusable, match="redirects") as caught:
        await client.get_messages("u", "c")
    told = str(caught.value)
    assert told.isprintable()
    assert "pa55" not in told
    origin = f"http://127.0.0.1:{service.port}"
    assert (
        f"redirects to {named.format(origin=origin)}, and" if named else "redirects, and"
    ) in told
    assert (f"base URL: {origin}/api/v2" in told) == ("v2" in location)
    assert len(service.requests) == 1


async def test_no_proxy_sees_a_request_to_this_machine(
    monkeypatch: pytest.MonkeyPatch, client: CloudClient, service: Service, other: Service
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{other.port}")
    await client.get_messages("u", "c")
    assert len(service.requests) == 1
    assert other.requests == []


async def test_a_proxy_for_https_sees_a_tunnel_and_no_key(
    monkeypatch: pytest.MonkeyPatch, other: Service, key: ApiKey, waits: Waits
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{other.port}")
    other.answer(http("", status="502 Bad Gateway"))
    async with CloudClient("https://memos.example/v1", key, wait=waits) as client:
        with pytest.raises(errors.Unreachable, match="proxy"):
            await client.check()
    assert {request.method for request in other.requests} == {"CONNECT"}
    assert all(request.target == "memos.example:443" for request in other.requests)
    assert SECRET not in repr(other.requests)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http("", status="502 pa55"), "{proxy} gives no connection to {memos} (HTTP 502)."),
        (http("", status="407 Who"), "the proxy asks for another user name and password than"),
        ([ABORT], "the proxy {proxy} gives no connection to {memos}."),
        ([http("", status="200 OK"), ABORT], "the proxy {proxy} gives no connection to {memos}."),
        ([0.5], "the proxy {proxy} gives no connection to {memos} in time."),
    ],
    ids=["refuses", "password", "breaks off", "no TLS", "silent"],
)
async def test_a_proxy_that_gives_no_connection_is_named(
    monkeypatch: pytest.MonkeyPatch,
    other: Service,
    key: ApiKey,
    waits: Waits,
    *,
    answer: Answer,
    said: str,
) -> None:
    shown = f"127.0.0.1:{other.port}"
    monkeypatch.setenv("ALL_PROXY", f"http://operator:pa55@{shown}/")
    other.answer(answer)
    timeouts = Timeouts(read=0.1 if answer == [0.5] else 20)
    memos = "https://memos.example"
    async with CloudClient(f"{memos}/v1", key, timeouts=timeouts, wait=waits) as client:
        for call in (client.check, lambda: client.delete_memories(["m1"])):
            with pytest.raises(errors.Unreachable) as caught:
                await call()
            # Nothing was sent to MemOS, so nobody is told that a change may have been done.
            assert "MemOS was not reached: " in str(caught.value)
            assert said.format(proxy=shown, memos=memos) in str(caught.value)
            assert "ALL_PROXY" in str(caught.value)
            assert "pa55" not in str(caught.value)
            assert "operator" not in str(caught.value)


async def test_a_proxy_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, key: ApiKey, waits: Waits
) -> None:
    monkeypatch.setenv(
        "HTTPS_PROXY", "operator:pa55@127.0.0.1:1"
    )  # without a scheme, as curl has it
    async with CloudClient("https://memos.example/v1", key, wait=waits) as client:
        with pytest.raises(
            errors.Unreachable, match=r"no connection to the proxy 127\.0\.0\.1:1\."
        ):
            await client.check()


async def test_a_proxy_is_passed_by_where_no_proxy_says_so(
    monkeypatch: pytest.MonkeyPatch, other: Service, key: ApiKey, waits: Waits
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{other.port}")
    monkeypatch.setenv("NO_PROXY", "invalid")
    async with CloudClient("https://memos.invalid/v1", key, wait=waits) as client:
        with pytest.raises(errors.Unreachable, match=r"no connection to https://memos\.invalid\."):
            await client.check()
    assert other.requests == []


async def test_netrc_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, client: CloudClient, service: Service
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password pa55\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    await client.get_messages("u", "c")
    assert service.requests[0].headers["authorization"] == f"Token {SECRET}"


ANSWERS: list[Answer] = [
    envelope({}),
    envelope(None, code=40132, message=f"key {SECRET} expired"),
    envelope(None, code=40002, message=" ".join(SECRET)),
    envelope(None, code=40300),
    envelope(None, code=50000),
    http(f"<html>{SECRET}</html>", content_type="text/html"),
    http(SECRET, content_type=f"{SECRET}/{SECRET}"),
    http("", status="302 Found", headers=(f"Location: https://{SECRET}.example/{SECRET}",)),
    [http("{", length=99)],
    [ABORT],
    [b""],
]


@pytest.mark.parametrize("answer", ANSWERS)
async def test_the_key_is_in_no_log_error_or_repr(
    client: CloudClient,
    service: Service,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "tenacity", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    service.answer(answer)
    for call in (lambda: client.get_memory("m1"), lambda: client.delete_memories(["m1"])):
        (error,) = await asyncio.gather(call(), return_exceptions=True)
        if error is not None and not isinstance(error, Memory):
            assert isinstance(error, errors.CloudError)
            assert SECRET not in shown(error)
            assert SECRET.lower() not in str(error)
            assert error.__cause__ is None
            assert error.__context__ is None
    assert SECRET not in caplog.text
    if isinstance(answer, bytes):
        assert "HTTP Request: " in caplog.text  # httpx does log: the search above is not in vain
    assert SECRET not in repr(client) + str(vars(client))


@pytest.mark.parametrize("before", range(5_960, 6_002, 3))
def test_no_part_of_the_key_is_in_what_is_cut_of_an_answer(before: int) -> None:
    said = excerpt(" " * before + SECRET + " was refused", ApiKey(SECRET).hidden_in)
    assert not any(SECRET[at : at + 4] in said for at in range(len(SECRET) - 3))


async def test_the_key_is_sent_in_no_text(client: CloudClient, service: Service) -> None:
    calls = (
        lambda: client.get_messages(SECRET, "c"),
        lambda: client.get_messages("u", f"c {SECRET}"),
        lambda: client.get_memories("user", SECRET.upper()),
        lambda: client.get_memory(f"{SECRET}/"),
        lambda: client.search("u", f"What is {SECRET}?"),
        lambda: client.recall("u", "tea", parameters={"filter": {"and": [{"tags": SECRET}]}}),
        lambda: client.get_status(SECRET),
        lambda: client.update_memory("m", content=f"the key is {SECRET}"),
        lambda: client.delete_memories(["m", SECRET]),
        lambda: client.delete_subject("agent", SECRET),
        lambda: client.add_feedback("u", "c", SECRET),
    )
    for call in calls:
        with pytest.raises(errors.Rejected, match="the API key stands in what was to be") as caught:
            await call()
        assert SECRET not in str(caught.value)
    assert service.requests == []


def shown(error: errors.CloudError) -> str:
    """Everything that a report of an error may hold: text, fields, chain, local variables."""
    console = Console(file=io.StringIO(), width=250)
    console.print(
        Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
    )
    assert isinstance(console.file, io.StringIO)
    plain = "".join(
        traceback.TracebackException.from_exception(error, capture_locals=True).format()
    )
    # The test's own frame knows the secret; what is asked is whether the client's frames do.
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    inside = "".join(
        repr(frame.f_locals) for frame in frames if "tests" not in frame.f_code.co_filename
    )
    assert "Traceback" in plain
    return f"{error!r} {error} {vars(error)} {inside}"


@contextmanager
def a_certificate(folder: Path) -> Iterator[tuple[Path, Path]]:
    """A self-signed certificate for localhost, made by openssl."""
    certificate, private = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", str(private), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    yield certificate, private


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("trusted", [False, True])
async def test_certificates_are_verified(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: ApiKey, waits: Waits, trusted: bool
) -> None:
    served: list[bytes] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(envelope({}))
        await writer.drain()
        writer.close()

    with a_certificate(tmp_path) as (certificate, private):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, private)
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        async with CloudClient(
            f"https://127.0.0.1:{port}", key, timeouts=Timeouts(connect=5, total=5), wait=waits
        ) as client:
            if trusted:
                await client.check()
            else:
                with pytest.raises(errors.Unreachable, match="is not trusted"):
                    await client.check()
        server.close()
        await server.wait_closed()
    assert len(served) == int(trusted)
    assert client.requests == {"/get/memory": 1}  # trying again would not make it trusted


@pytest.mark.parametrize("module", ["errors", "answers", "key", "origin"])
def test_light_modules_stay_light(module: str) -> None:
    code = (
        f"import sys, memos_admin.cloud.{module}\n"
        "heavy = {'httpx', 'pydantic', 'tenacity', 'aiolimiter', 'asyncio', 'rich', 'textual'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "PYTEST"))}
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["client", "envelope", "ids", "jsontext", "wire"])
def test_httpx_is_imported_by_the_transport_and_pydantic_by_the_wire_models(module: str) -> None:
    source = (Path(__file__).parents[2] / "memos_admin" / "cloud" / f"{module}.py").read_text()
    assert "import httpx" not in source
    assert ("from pydantic" in source) == (module == "wire")
