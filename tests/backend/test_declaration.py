"""``encryption.json``: whatever stands in it, it says how to come by the key, or is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memos_admin.backend.encryption import declaration
from memos_admin.backend.home import HomeError
from memos_admin.store.cipher_key import Key

KEY = Key(b"k" * 32, b"s" * 16)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
FILES = st.binary() | st.fixed_dictionaries(
    {},
    optional={
        "salt": VALUES | st.just(KEY.salt.hex()),
        "check": VALUES | st.just(KEY.check),
        "kept": VALUES | st.sampled_from(["keyring", "passphrase"]),
        "converting": VALUES,
    },
).map(lambda found: json.dumps(found).encode())


def written(folder: Path, content: bytes) -> Path:
    path = folder / "encryption.json"
    path.write_bytes(content)
    path.chmod(0o600)
    return folder


def test_what_was_written_is_read_and_knows_its_key(tmp_path: Path) -> None:
    said = declaration.Declaration.of(KEY, "keyring")
    declaration.write(tmp_path, said)
    assert declaration.read(tmp_path) == said
    assert said.is_opened_by(KEY)
    assert not said.is_opened_by(Key(b"x" * 32, KEY.salt))


@given(FILES)
@example(b"[" * 9_000)
@example(json.dumps({"salt": KEY.salt.hex(), "check": "é", "kept": "keyring"}).encode())
def test_any_file_says_how_to_come_by_a_key_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = written(tmp_path_factory.mktemp("project"), content)
    try:
        found = declaration.read(folder)
    except HomeError:
        return
    assert found is not None
    assert found.is_opened_by(KEY) == (found.check == KEY.check and found.salt_bytes == KEY.salt)
