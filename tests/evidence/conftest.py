"""The demo, synced and stored, to be read by every test of the evidence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from memos_admin.backend.model import Reads
from tests.evidence.filled import filled


@pytest.fixture(scope="session")
def demo_reads() -> Iterator[Reads]:
    """A connection to the store of the demo. Tests only read it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        with filled() as reads:
            yield reads
