"""A home whose project was read before, and the service of it, which has not changed since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.emulator.thread import EmulatorThread
from tests.faults.operations import template
from tests.faults.world import KEY, copied, served


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        return template(tmp_path_factory.mktemp("made"))


@pytest.fixture
def service() -> Iterator[EmulatorThread]:
    with served() as running:
        yield running


@pytest.fixture
def home(
    made: Path, tmp_path: Path, service: EmulatorThread, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Home]:
    """A home whose project was read before, and is the environment's."""
    with copied(made, tmp_path / "own", service) as home:
        monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home.path))
        monkeypatch.setenv("MEMOS_API_KEY", KEY)
        yield home
