"""Isolation of every test from the machine it runs on."""

import gc
import os
import re
import shutil
import signal
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from memos_admin import language
from memos_admin.cli.main import OBJECTS
from memos_admin.cloud import key
from memos_admin.store import migrations
from tests import stores
from tests.effort import examples

# In CI the same examples each time: no change is refused for what it did not do. Everywhere else others.
settings.register_profile(
    "ours", max_examples=examples(100), deadline=None, derandomize="CI" in os.environ
)
settings.load_profile("ours")

OURS = (
    *(name for name in os.environ if name.startswith("MEMOS_")),
    *("NO_COLOR", "FORCE_COLOR", "COLORTERM"),
)
for (
    _name
) in OURS:  # what lives longer than a test, and programs that it starts, begin without them too
    os.environ.pop(_name, None)


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's job in the background ignores Ctrl+C, and so would every program that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let the collector pass over what is there before the first test: it looks through it in every one."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
        gc.set_threshold(OBJECTS)  # as the program itself, which else sets it somewhere on the way


_folders = Counter[str]()
"""How many folders of tests have a name."""


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as pytest's own is named, which looks through those of all tests before for each."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    path = tmp_path_factory.getbasetemp() / f"{name}{_folders[name]}"
    _folders[name] += 1
    path.mkdir(mode=0o700)
    return path


@pytest.fixture(autouse=True, scope="session")
def new_stores_are_made_quickly() -> Iterator[None]:
    """Let no new store run the migrations anew, unless a test asks for one of a number."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(migrations, "migrate", stores.quickly(migrations.migrate))
        yield


@pytest.fixture(autouse=True)
def no_keys_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another test gave as a key is no key here, else it would be taken out of texts."""
    monkeypatch.setattr(key, "_of_this_process", set())


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, a configuration, a keyring, a zone and a locale of the test's own; returns the home."""
    home = tmp_path / "home"
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("LANGUAGE", raising=False)
    language.activate("en")
    return home


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose Debian package is missing; in CI fail instead."""
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if shutil.which(program) is None:
                reason = f"needs {program} (a Debian package installs it)"
                if os.environ.get("CI"):
                    pytest.fail(reason)
                pytest.skip(reason)
