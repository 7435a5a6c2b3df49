"""The doctor's checks: each tells what is, and what to do where that does not work."""

import errno
import os
import shutil
import stat
import sys
from collections import namedtuple
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from memos_admin.backend import doctor
from memos_admin.backend.doctor import Check, checks, machine
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.journal import Event, Journal
from memos_admin.backend.private_files import replace_private
from memos_admin.backend.projects import Projects
from memos_admin.backend.times import now_ms
from memos_admin.emulator.generate import generated_data
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.store import health
from memos_admin.store.schema import CURRENT, open_current, open_to_write
from tests.backend import journals, keyrings
from tests.backend.keyrings import use

KEY = "mpg-0123456789abcdef"
NAMES = [
    *(
        "Python",
        "Terminal",
        "Encoding",
        "Home",
        "Disk",
        "Configuration",
        "Journal",
        "Changes",
        "Keyring",
    ),
    *(
        "Project",
        "Key",
        "Proxy",
        "Connection",
        "Rate",
        "Clock",
        "Store",
        "Left half-way",
        "Older copies",
        "Retention",
    ),
]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorThread]:
    with EmulatorThread(generated_data(1, 1, 1, 1), api_key=KEY) as running:
        yield running


@pytest.fixture
def env(emulator: EmulatorThread) -> Iterator[dict[str, str]]:
    yield {"MEMOS_API_KEY": KEY, "MEMOS_BASE_URL": emulator.base_url}
    emulator.emulator.faults.replace([])


async def told(home: Home, env: Mapping[str, str], name: str | None = None) -> dict[str, Check]:
    """Return all checks by name; they have the promised order, and none holds the key."""
    found = [check async for check in checks(home, env, name)]
    names = [check.name for check in found]
    assert names == [name for name in NAMES if name in names] or "Address" in names
    assert KEY not in str(found)
    assert all(check.advice for check in found if check.ok is False)
    return {check.name: check for check in found}


async def test_a_project_that_works(home: Home, env: dict[str, str]) -> None:
    project = Projects(home).resolve(None, env)
    open_current(home.create_project_dir(project.uuid) / "store.db").close()
    found = await told(home, env)
    assert list(found) == [
        name
        for name in NAMES
        if name not in {"Changes", "Clock", "Left half-way", "Older copies", "Proxy"}
    ]
    assert {name for name, check in found.items() if check.ok is False} == set()
    assert found["Key"].detail.startswith("from the environment, fingerprint ")
    assert env["MEMOS_BASE_URL"].removesuffix("/api/openmem/v1") in found["Connection"].detail
    assert found["Rate"].ok is True
    assert found["Store"].ok is True
    assert f"schema {CURRENT}" in found["Store"].detail


async def test_nothing_at_all_is_nothing_wrong_and_creates_nothing(home: Home) -> None:
    found = await told(home, {})
    assert list(found) == [
        name for name in NAMES[: NAMES.index("Project") + 1] if name != "Changes"
    ]
    assert {
        found[name].ok for name in ("Home", "Configuration", "Journal", "Keyring", "Project")
    } == {None}
    assert "projects add" in str(found["Project"].advice)
    assert not home.path.exists()


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        ("expired-key", "Key"),
        ("code:code=40304", "Rate"),
        ("rate-limit", "Rate"),
        ("html", "Connection"),
        ("invalid-json", "Connection"),
        ("reset", "Connection"),
    ],
)
async def test_what_the_service_says_is_told_where_it_belongs(
    home: Home, env: dict[str, str], emulator: EmulatorThread, fault: str, wrong: str
) -> None:
    emulator.emulator.faults.replace([fault])
    found = [check async for check in checks(home, env)]
    assert [check.name for check in found if check.ok is False] == [wrong]
    fine = {"Key", "Connection"} - {wrong}
    assert fine <= {check.name for check in found if check.ok}


async def test_a_change_that_was_begun_and_has_no_end_is_told(home: Home) -> None:
    events = [Event("export"), Event("memory.archive"), Event("memory.edit")]
    opened = Journal(home)
    opened.record(*(replace(event, result="begun") for event in events))
    opened.record(replace(events[2], result="done"))
    assert opened.flush()
    told_of = (await told(home, {}))["Changes"]
    assert told_of.ok is None
    assert told_of.detail == "1 change in MemOS begun, and no end journaled"
    assert "journal list --unfinished" in str(told_of.advice)
    opened.record(replace(events[1], result="done"))
    assert opened.flush()
    assert "Changes" not in await told(home, {})


async def test_a_clock_that_is_far_from_that_of_the_service_is_wrong(
    home: Home, env: dict[str, str], emulator: EmulatorThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulator.emulator.state, "_clock", lambda: now_ms() + 3 * 86_400_000)
    found = await told(home, env)
    assert found["Clock"].ok is False
    assert "behind that of MemOS" in found["Clock"].detail
    assert found["Connection"].ok is True


async def test_a_silent_service_is_not_waited_for(
    home: Home, env: dict[str, str], emulator: EmulatorThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "SECONDS", 0.3)
    emulator.emulator.faults.replace(["timeout"])
    connection = (await told(home, env))["Connection"]
    assert connection.ok is False
    assert "did not answer" in connection.detail


async def test_a_wrong_key_is_refused(home: Home, env: dict[str, str]) -> None:
    found = [check async for check in checks(home, {**env, "MEMOS_API_KEY": "mpg-wrong"})]
    assert [(check.name, check.ok) for check in found if check.name in {"Connection", "Key"}] == [
        ("Key", True),
        ("Connection", True),
        ("Key", False),
    ]


async def test_a_proxy_is_told_without_its_password(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("https_proxy", "http://operator:pa55@127.0.0.1:1")
    env = {"MEMOS_API_KEY": KEY, "MEMOS_BASE_URL": "https://memos.invalid/v1"}
    found = await told(home, env)
    assert "through 127.0.0.1:1, which https_proxy names" in found["Proxy"].detail
    assert found["Connection"].ok is False
    assert found["Connection"].detail.endswith("no connection to the proxy 127.0.0.1:1")
    assert "pa55" not in str(found)


async def test_an_impossible_key_and_address_are_told(home: Home) -> None:
    assert (await told(home, {"MEMOS_API_KEY": "a b"}))["Key"].ok is False
    assert (await told(home, {"MEMOS_BASE_URL": "http://h.example"}))["Address"].ok is False


async def test_a_named_project_without_a_key(home: Home) -> None:
    Projects(home).add("acme")
    found = await told(home, {}, "ACME")
    assert found["Key"].ok is False
    assert found["Connection"].ok is None
    assert found["Store"].ok is None
    assert (await told(home, {}, "other"))["Project"].ok is False


async def test_a_faulty_configuration_is_told_with_its_line(home: Home) -> None:
    home.create()
    replace_private(home.config_path, b"\nusee = 1\n")
    found = await told(home, {})
    assert found["Configuration"].ok is False
    assert "line 2: usee: unknown" in found["Configuration"].detail
    assert found["Project"].ok is False


async def test_keyrings(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = keyrings.Hanging()
    for backend, ok in (
        (keyrings.Memory(), True),
        (keyrings.FAIL, None),
        (keyrings.NULL, None),
        (keyrings.PlaintextKeyring(), False),
    ):
        use(monkeypatch, backend)
        assert (await told(home, {}))["Keyring"].ok is ok
    use(monkeypatch, keyrings.Raising(lambda _: KeyringLocked("still locked")))
    locked = (await told(home, {}))["Keyring"]
    assert (locked.ok, "The keyring is locked" in locked.detail) == (None, True)
    use(monkeypatch, hanging)
    monkeypatch.setattr(doctor, "SECONDS", 0.1)
    Projects(home).add("acme")
    assert "did not answer" in (await told(home, {}))["Key"].detail
    hanging.release.set()


class TestStore:
    async def look(self, home: Home, content: bytes | None) -> Check:
        env = {"MEMOS_API_KEY": KEY, "MEMOS_BASE_URL": "http://127.0.0.1:1"}
        project = Projects(home).resolve(None, env)
        path = home.create_project_dir(project.uuid) / "store.db"
        open_current(path).close()
        if content is not None:
            path.write_bytes(content)
        before = path.read_bytes()
        check = (await told(home, env))["Store"]
        assert path.read_bytes() == before
        return check

    async def test_a_whole_one(self, home: Home) -> None:
        assert (await self.look(home, None)).ok is True

    async def test_what_is_no_store(self, home: Home) -> None:
        check = await self.look(home, b"hello" * 1000)
        assert check.ok is False
        assert "not a store" in check.detail

    async def test_a_damaged_one(self, home: Home, tmp_path: Path) -> None:
        open_current(tmp_path / "sample.db").close()
        content = bytearray((tmp_path / "sample.db").read_bytes())
        content[4096 * 3 : 4096 * 5] = b"x" * 8192
        check = await self.look(home, bytes(content))
        assert check.ok is False
        assert "damaged" in check.detail

    async def test_one_that_is_gone_is_missed(self, home: Home) -> None:
        env = {"MEMOS_API_KEY": KEY, "MEMOS_BASE_URL": "http://127.0.0.1:1"}
        folder = home.create_project_dir(Projects(home).resolve(None, env).uuid)
        open_to_write(folder / "store.db").close()
        (folder / "store.db").unlink()
        check = (await told(home, env))["Store"]
        assert check.ok is False
        assert "something was written to it before" in check.detail
        assert "memos-admin store restore" in (check.advice or "")

    @pytest.mark.parametrize(("number", "ok"), [(CURRENT - 1, None), (CURRENT + 1, False)])
    async def test_an_older_and_a_newer_one(
        self, home: Home, tmp_path: Path, number: int, ok: bool | None
    ) -> None:
        connection = open_current(tmp_path / "sample.db")
        connection.execute(f"PRAGMA user_version = {number}")
        connection.close()
        check = await self.look(home, (tmp_path / "sample.db").read_bytes())
        assert check.ok is ok
        assert check.advice

    def test_a_large_one_is_not_looked_at_for_ever(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_current(tmp_path / "store.db").close()
        monkeypatch.setattr(health, "_STEPS", 1)
        found = health.look(tmp_path / "store.db", -1)
        assert (found.whole, found.damage) == (False, None)


class TestMachine:
    def test_python(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert machine.python().ok is True
        monkeypatch.setattr(sys, "version_info", (3, 10, 0))
        assert machine.python().ok is False

    @pytest.mark.parametrize(
        ("size", "env", "ok", "detail"),
        [
            (None, {}, None, "none"),
            ((120, 40), {"TERM": "xterm-256color"}, True, "120×40, 256 colours"),
            ((80, 24), {"TERM": "linux"}, True, "16 colours"),
            ((80, 24), {"TERM": "x", "COLORTERM": "truecolor"}, True, "16 million"),
            ((80, 24), {"TERM": "x", "NO_COLOR": "1"}, True, "NO_COLOR"),
            ((80, 24), {"TERM": "xterm", "TMUX": "/tmp/x", "SSH_CONNECTION": "1"}, True, "ssh"),
            ((79, 24), {"TERM": "xterm"}, False, "79×24"),
            ((80, 23), {"TERM": "xterm"}, False, "80×23"),
            ((80, 24), {"TERM": "dumb"}, False, "dumb"),
            ((80, 24), {}, False, "unknown"),
        ],
    )
    def test_terminals(
        self,
        monkeypatch: pytest.MonkeyPatch,
        size: tuple[int, int] | None,
        env: dict[str, str],
        ok: bool | None,
        detail: str,
    ) -> None:
        def get(descriptor: int = 1) -> os.terminal_size:
            if size is None or descriptor != 0:  # output is piped, input is the terminal
                raise OSError
            return os.terminal_size(size)

        monkeypatch.setattr(os, "get_terminal_size", get)
        check = machine.terminal(env)
        assert check.ok is ok
        assert detail in check.detail

    @pytest.mark.parametrize(
        ("name", "ok"), [("UTF-8", True), ("utf8", True), ("ascii", False), ("latin-1", False)]
    )
    def test_encodings(self, monkeypatch: pytest.MonkeyPatch, name: str, ok: bool) -> None:
        monkeypatch.setattr(sys, "stdout", namedtuple("Stream", "encoding")(name))
        assert machine.encoding().ok is ok

    def test_a_home_that_was_open_is_tightened_and_told(self, home: Home) -> None:
        home.create()
        home.path.chmod(0o755)
        check = machine.home_folder(home)
        assert check.ok is True
        assert "0755" in check.detail
        assert stat.S_IMODE(home.path.stat().st_mode) == 0o700

    def test_files_that_are_open_are_told(self, home: Home) -> None:
        home.create()
        home.journal_path.touch(mode=0o644)
        home.journal_path.chmod(0o644)
        check = machine.home_folder(home)
        assert check.ok is False
        assert "journal.db" in check.detail
        assert "chmod" in str(check.advice)

    def test_a_home_that_cannot_be_is_told(self, home: Home) -> None:
        home.path.symlink_to(home.path.parent / "nowhere")
        assert machine.home_folder(home).ok is False
        home.path.unlink()
        home.path.touch()
        assert machine.home_folder(home).ok is False

    @pytest.mark.parametrize(
        ("free", "ok", "detail"),
        [
            (100, False, "100 bytes"),
            (150_000_000, False, "150 MB"),
            (30_000_000_000, True, "30.0 GB"),
        ],
    )
    def test_room(
        self, home: Home, monkeypatch: pytest.MonkeyPatch, free: int, ok: bool, detail: str
    ) -> None:
        usage = namedtuple("usage", "total used free")
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, free))
        check = machine.disk(home)
        assert check.ok is ok
        assert detail in check.detail

    def test_a_quota_that_is_used_up(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        def used_up(*_: object) -> int:
            raise OSError(errno.EDQUOT, "Disk quota exceeded")

        usage = namedtuple("usage", "total used free")
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 30_000_000_000))
        monkeypatch.setattr(os, "write", used_up)
        check = machine.disk(home)
        assert check.ok is False
        assert "a quota is used up" in check.detail

    def test_a_place_that_cannot_be_written(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda *_: False)
        assert machine.disk(home).ok is False


async def test_what_the_interface_says_is_told_after_the_configuration(home: Home) -> None:
    Projects(home).add("acme", base_url="http://127.0.0.1:9/api")

    def refused(of: Home) -> tuple[str, None]:
        raise HomeError(f"{of.config_path}, line 2: interface.theme: no")

    for interface, ok in (
        (lambda _home: ("theme x", None), True),
        (lambda _home: ("theme x, unmasked", "Mask."), None),
        (refused, False),
    ):
        found = [check async for check in checks(home, {}, interface=interface)]
        names = [check.name for check in found]
        check = found[names.index("Interface")]
        assert names.index("Interface") == names.index("Configuration") + 1
        assert check.ok is ok
    assert "line 2: interface.theme: no" in check.detail
    assert check.advice


@pytest.mark.parametrize("written", ["", "faulty"])
async def test_the_interface_is_asked_unless_the_configuration_cannot_be_read(
    home: Home, written: str
) -> None:
    """Without one the locale still says which language is spoken."""
    if written:
        home.create()
        home.config_path.write_text(written)
        home.config_path.chmod(0o600)
    found = [check async for check in checks(home, {}, interface=lambda _home: ("x", None))]
    assert ("Interface" in {check.name for check in found}) == (not written)


def test_a_home_that_cannot_be_made_is_no_promise(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cannot = machine.home_folder(Home(tmp_path / "file" / "home"))
    assert cannot.ok is False
    assert "does not exist and cannot be made: Not a directory" in cannot.detail
    can = machine.home_folder(Home(tmp_path / "deep" / "home"))
    assert (can.ok, can.advice) == (None, "It is made when needed.")
    assert not (tmp_path / "deep").exists()


async def test_a_journal_whose_seals_cannot_be_checked_is_not_called_sealed_and_well(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = journals.with_keyring(monkeypatch)
    journals.written(home, 3)
    journals.sealed(home)
    assert (await told(home, {}))["Journal"].ok
    keyring.kept.clear()
    emptied = (await told(home, {}))["Journal"]
    assert (emptied.ok, "The keyring here has no key of this journal" in emptied.detail) == (
        None,
        True,
    )
    use(monkeypatch, keyrings.Raising(lambda _: KeyringLocked("still locked")))
    locked = (await told(home, {}))["Journal"]
    assert (locked.ok, "cannot be checked here: The keyring is locked" in locked.detail) == (
        None,
        True,
    )


async def test_a_journal_that_is_gone_or_replaced_is_missed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    journals.with_keyring(monkeypatch)

    async def check() -> Check:
        return (await told(home, {}))["Journal"]

    assert (await check()).ok is None
    journals.written(home, 3)
    journals.sealed(home)
    assert (await check()).ok
    home.journal_path.unlink()
    gone = await check()
    assert gone.ok is False
    assert "is missing: the keyring knows journal" in gone.detail
    assert "at least 3 entries" in gone.detail
    journals.written(home, 1)  # as the next command does
    replaced = await check()
    assert replaced.ok is False
    assert "Another journal was in this folder before" in replaced.detail
    assert "at least 3 entries" in replaced.detail
    assert "--previous FILE" in (replaced.advice or "")
    home.journal_path.unlink()
    use(monkeypatch, keyrings.Memory())
    noted = await check()
    assert noted.ok is False
    assert "by journal.db.written beside it" in noted.detail
    home.journal_path.with_name("journal.db.written").unlink()
    assert (await check()).ok is None


async def test_what_killed_programs_have_left_is_told(home: Home, env: dict[str, str]) -> None:
    project = Projects(home).resolve(None, env)
    left = (
        home.create_project_dir(project.uuid) / "..store.db.4194305.whole.partial.4194305.partial"
    )
    left.write_bytes(b"half")
    check = (await told(home, env))["Left half-way"]
    assert (check.ok, str(left) in check.detail) == (None, True)
    assert check.advice == "They are deleted by: memos-admin store check"
    assert left.exists()


async def test_what_upgrades_have_left_is_named(home: Home, env: dict[str, str]) -> None:
    project = Projects(home).resolve(None, env)
    copy = home.create_project_dir(project.uuid) / "store.db.schema-3.bak"
    copy.touch()
    check = (await told(home, env))["Older copies"]
    assert (check.ok, check.detail) == (None, f"left by upgrades: {copy}")
