"""A key goes to its service and to the keyring, and is nowhere else; nobody else is spoken to.

One session of the real program, its keys in a real Secret Service, in which everything goes wrong.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.backend.test_keyring_real import in_session
from tests.sessions import listing_processes

pytestmark = [
    pytest.mark.needs("gnome-keyring-daemon", "dbus-run-session"),
    pytest.mark.terminal,
    pytest.mark.timeout(900),
]

KEYS = {
    "first": 'canary/First+7=q%25&"x\\y-0123456789',
    "second": "mpg-canary-Second-0123456789abcdef",
    "wrong": "canary/Wrong+8=r%25&'z-0123456789",
}
"""One that looks like the service's own, and two that quoting changes."""


def forms(key: str) -> set[bytes]:
    """Return a key as it may stand in a file."""
    texts = {
        key,
        repr(key)[1:-1],
        json.dumps(key)[1:-1],
        quote(key),
        quote(key, safe=""),
        quote_plus(key),
    }
    encoded = {text.encode() for text in texts} | {
        key.encode("utf-16-le"),
        key.encode().hex().encode(),
    }
    # Base64 of a key that stands somewhere in a longer text, at each of three places.
    for shift in range(3):
        inner = base64.b64encode(b"x" * shift + key.encode())
        encoded.add(inner[4 if shift else 0 : len(inner) // 4 * 4 - 4])
    return encoded


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every file below a folder, and what is packed into it; also the names themselves."""
    for path in sorted(folder.rglob("*")):
        yield path, str(path).encode()
        if path.is_file():
            yield path, path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    yield from ((path / name, archive.read(name)) for name in archive.namelist())


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a whole session has left all that it writes and says."""
    folder, vault = tmp_path_factory.mktemp("session"), tmp_path_factory.mktemp("vault")
    for name, key in KEYS.items():
        (vault / name).write_text(key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEMOS_ADMIN_HOME", str(folder / "home"))
        in_session(
            folder,
            f"""
            from tests.sessions import whole
            whole(Path(sys.argv[1]), Path({str(vault)!r}))
            """,
            seconds=600,
        )
    return folder


def test_a_search_finds_a_key_that_is_there(tmp_path: Path) -> None:
    for key in KEYS.values():
        for form in forms(key):
            (tmp_path / "leak").write_bytes(b"before " + form + b" after")
            assert any(form in data for _path, data in contents(tmp_path))
        for shift in range(3):
            coded = base64.b64encode(b"-" * shift + key.encode() + b" end")
            assert any(form in coded for form in forms(key)), shift


@pytest.mark.parametrize("name", KEYS)
def test_nothing_that_was_written_or_said_holds_a_key(session: Path, name: str) -> None:
    leaks = [
        str(path.relative_to(session))
        for path, data in contents(session)
        for form in forms(KEYS[name])
        if form in data
    ]
    assert leaks == []


def test_everything_was_said_that_could_have_held_one(session: Path) -> None:
    """The search above is not in vain: there are requests, tracebacks and screens among it."""
    said = "".join(path.read_text() for path in (session / "said").iterdir())
    for text in ("POST /get/memory", "Traceback (most recent call last)", "a mistake of ours with",
                 "[API key]", "\x1b[?1049h", "unexpected error: RuntimeError"):  # fmt: skip
        assert text in said, text
    assert "MEMOS_API_KEY" not in (session / "child").read_text()


def test_the_list_of_processes_was_looked_at_all_the_time(session: Path) -> None:
    """It is among what is searched above: every program that ran is in it, what they run too."""
    listed = (session / "processes").read_bytes()
    for words in (
        ("-m", "memos_admin", "projects", "add", "acme"),
        ("-m", "memos_admin", "projects", "set-key", "acme", "--key-stdin"),
        ("-m", "memos_admin", "--verbose", "sync"),
        ("-m", "memos_admin", "export", "memories"),
    ):
        assert "\0".join(words).encode() in listed, words


def test_a_key_in_the_list_of_processes_is_seen(tmp_path: Path) -> None:
    with listing_processes(tmp_path / "processes"):
        subprocess.run(
            [sys.executable, "-c", "import time; time.sleep(1)", KEYS["second"]], check=True
        )
    assert KEYS["second"].encode() in (tmp_path / "processes").read_bytes()


def test_only_the_service_was_spoken_to(session: Path) -> None:
    lines = [json.loads(line) for line in (session / "addresses").read_text().splitlines()]
    spoken = {tuple(where) for event, where in lines if isinstance(where, list)}
    local = {where for _event, where in lines if isinstance(where, str)}
    (base_url,) = {
        line.split('"')[1].split("/")[2]
        for line in (session / "home" / "config.toml").read_text().splitlines()
        if line.startswith("base_url")
    }
    host, port = base_url.split(":")
    assert spoken == {(host, int(port))}
    # The keyring's bus, on this machine.
    assert all("dbus" in where for where in local)
