"""Keyrings as bad as those in the world, to be set with `use`."""

import threading
from collections.abc import Callable

import keyring
import keyring.core
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend
from keyring.compat import properties


class Memory(KeyringBackend):
    """A keyring that works, and forgets everything with the process."""

    priority = 0  # never chosen by itself

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Forgetful(Memory):
    """Takes everything, gives nothing back, and is not the null backend that says so."""

    def get_password(self, service: str, username: str) -> str | None:
        return None


class Garbling(Memory):
    """Keeps something else."""

    def __init__(self, garbled: Callable[[str], str]) -> None:
        super().__init__()
        self.garbled = garbled

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, self.garbled(password))


class Hanging(Memory):
    """Waits for a dialogue that nobody sees, until the test lets it go."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.release.wait()
        return super().get_password(service, username)


class Raising(Memory):
    """Raises what it was made with, the secret in its text where `{}` stands."""

    def __init__(self, error: Callable[[str], Exception]) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error("")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error(password)


class PlaintextKeyring(Memory):
    """Says by its name what it does, as that of keyrings.alt."""


class Alternative(Memory):
    """Of keyrings.alt by its module."""


Alternative.__module__ = "keyrings.alt.file"


class Chain(ChainerBackend):
    """Several in a row."""

    def __init__(self, *chain: KeyringBackend) -> None:
        self.chain = list(chain)

    @properties.classproperty
    def priority(cls) -> float:  # noqa: N805
        return 0

    @property
    def backends(self) -> list[KeyringBackend]:
        return self.chain


_untyped: dict[str, Callable[[], KeyringBackend]] = {"fail": fail.Keyring, "null": null.Keyring}
FAIL = _untyped["fail"]()
NULL = _untyped["null"]()


def use(monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend) -> None:
    """Make `backend` the keyring of this process for the test."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)
