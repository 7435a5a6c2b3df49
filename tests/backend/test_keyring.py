"""Entries of the keyring, over keyrings that fail in every way known."""

import json
import subprocess
import sys
import traceback
from pathlib import Path
from uuid import UUID

import pytest
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordSetError

from memos_admin.backend import keys
from memos_admin.backend.credentials.keyring_entry import SERVICE, Entry, OsKeyring
from memos_admin.cloud.key import ApiKey
from tests.backend import keyrings
from tests.backend.keyrings import use

KEY = "mpg-0123456789abcdef"
ORIGIN = "https://memos.memtensor.cn"
ENTRY = Entry(ApiKey(KEY), ORIGIN)
USER = UUID(int=1)
OS_KEYRING = OsKeyring(seconds=30)


def test_an_entry_is_written_read_and_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = keyrings.Memory()
    use(monkeypatch, memory)
    assert OS_KEYRING.read(USER) is None
    OS_KEYRING.write(USER, ENTRY)
    assert OS_KEYRING.read(USER) == ENTRY
    assert OS_KEYRING.read(UUID(int=2)) is None
    assert json.loads(memory.kept[SERVICE, str(USER)]) == {"key": KEY, "origin": ORIGIN}
    assert OS_KEYRING.delete(USER) is True
    assert OS_KEYRING.delete(USER) is False
    assert memory.kept == {}


def test_the_null_keyring_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, keyrings.NULL)
    with pytest.raises(keys.NoKeyring, match=r"switched off.*PYTHON_KEYRING_BACKEND"):
        OS_KEYRING.write(USER, ENTRY)
    with pytest.raises(keys.NoKeyring):
        OS_KEYRING.read(USER)


def test_no_keyring_is_told_with_the_other_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    for backend in (keyrings.FAIL, keyrings.Chain(), keyrings.Chain(keyrings.FAIL)):
        use(monkeypatch, backend)
        with pytest.raises(keys.NoKeyring, match=r"gnome-keyring.*MEMOS_API_KEY.*key_command"):
            OS_KEYRING.read(USER)


def test_a_hanging_keyring_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = keyrings.Hanging()
    use(monkeypatch, hanging)
    try:
        with pytest.raises(keys.KeyringTimeout, match=r"0\.05 s.*Unlock it.*MEMOS_API_KEY"):
            OsKeyring(seconds=0.05).read(USER)
    finally:
        hanging.release.set()


HANG = """
import keyring.core
from uuid import UUID
from memos_admin.backend.credentials.keyring_entry import OsKeyring
from memos_admin.backend.keys import KeyringTimeout
from tests.backend.keyrings import Hanging
keyring.core._keyring_backend = Hanging()
try:
    OsKeyring(seconds=0.05).read(UUID(int=1))
except KeyringTimeout:
    print("timed out")
"""


def test_a_hanging_keyring_does_not_hold_the_exit() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANG], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "timed out\n"


@pytest.mark.parametrize("backend", [keyrings.PlaintextKeyring, keyrings.Alternative])
def test_a_keyring_of_plain_files_is_refused(
    monkeypatch: pytest.MonkeyPatch, backend: type[keyrings.Memory]
) -> None:
    plain = backend()
    for chosen in (plain, keyrings.Chain(plain)):
        use(monkeypatch, chosen)
        with pytest.raises(keys.KeyringInsecure, match="file of its own"):
            OS_KEYRING.write(USER, ENTRY)
    assert plain.kept == {}


def test_a_chain_is_walked_to_the_first_that_keeps_well(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, good, other = keyrings.PlaintextKeyring(), keyrings.Memory(), keyrings.Memory()
    use(monkeypatch, keyrings.Chain(plain, keyrings.FAIL, good, other))
    OS_KEYRING.write(USER, ENTRY)
    assert OS_KEYRING.read(USER) == ENTRY
    assert (bool(plain.kept), bool(good.kept), bool(other.kept)) == (False, True, False)


@pytest.mark.parametrize(
    "backend",
    [
        keyrings.Forgetful(),
        keyrings.Garbling(lambda secret: secret[:-3]),
        keyrings.Garbling(lambda secret: secret.replace("mpg-0", "mpg-1")),
        keyrings.Garbling(lambda secret: secret.replace("https", "http")),
    ],
)
def test_what_is_not_given_back_is_not_stored(
    monkeypatch: pytest.MonkeyPatch, backend: keyrings.Memory
) -> None:
    use(monkeypatch, backend)
    with pytest.raises(keys.KeyringForgot, match="not stored"):
        OS_KEYRING.write(USER, ENTRY)


@pytest.mark.parametrize(
    "secret", ["", KEY, "[]", "{}", '{"key": 1}', f'{{"key": "{KEY}"}}', '{"key": "", "origin": 1}']
)
def test_an_entry_that_is_not_ours_is_told_without_it(
    monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    memory = keyrings.Memory()
    memory.kept[SERVICE, str(USER)] = secret
    use(monkeypatch, memory)
    with pytest.raises(keys.KeyringFailed, match=r"not one of memos-admin.*set-key") as told:
        OS_KEYRING.read(USER)
    assert KEY not in "".join(traceback.format_exception(told.value))


class LockedException(Exception):
    """Called like secretstorage's."""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NoKeyringError("none"), keys.NoKeyring),
        (KeyringLocked("Failed to unlock the collection!"), keys.KeyringLocked),
        (LockedException("Item is locked!"), keys.KeyringLocked),
        (InitError("Failed to create the collection: Prompt dismissed.."), keys.KeyringLocked),
        (RuntimeError("org.freedesktop.Secret.Error.IsLocked"), keys.KeyringLocked),
        (InitError("Failed to create the collection"), keys.KeyringFailed),
        (OSError(5, "Input/output error"), keys.KeyringFailed),
        (KeyError("what"), keys.KeyringFailed),
    ],
)
def test_what_a_keyring_raises_becomes_what_to_do(
    monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[keys.KeyringError]
) -> None:
    use(monkeypatch, keyrings.Raising(lambda _: error))
    with pytest.raises(kind, match="MEMOS_API_KEY") as told:
        OS_KEYRING.read(USER)
    assert type(told.value) is kind


def test_an_error_of_the_keyring_carries_neither_key_nor_escapes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(
        monkeypatch,
        keyrings.Raising(lambda secret: PasswordSetError(f"cannot keep {secret}\x1b]52;c;x\x07")),
    )
    with pytest.raises(keys.KeyringFailed) as told:
        OS_KEYRING.write(USER, ENTRY)
    assert "cannot keep" in str(told.value)
    assert KEY not in "".join(traceback.format_exception(told.value))
    assert "\x1b" not in str(told.value)
    assert told.value.__context__ is None
    assert told.value.__cause__ is None


def test_no_frame_of_an_error_holds_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, keyrings.Raising(PasswordSetError))
    with pytest.raises(keys.KeyringFailed) as told:
        OS_KEYRING.write(USER, ENTRY)
    shown = traceback.TracebackException.from_exception(told.value, capture_locals=True)
    ours = [frame for frame in shown.stack if "memos_admin" in frame.filename]
    assert ours
    assert KEY not in str([frame.locals for frame in ours])


@pytest.mark.parametrize(
    "name", ["", "nowhere.Keyring", "os.path", "keyring.backends.null.Nothing"]
)
def test_a_keyring_that_was_misspelt_is_told(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    with pytest.raises(keys.NoKeyring, match="Check PYTHON_KEYRING_BACKEND"):
        OS_KEYRING.name()


def test_the_name_of_the_keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, keyrings.Memory())
    assert OS_KEYRING.name() == "keyrings Memory"
