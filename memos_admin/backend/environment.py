"""The environment as the program reads it; what the program starts is not given its secrets."""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Mapping

SECRETS = frozenset({"MEMOS_API_KEY", "MEMOS_ADMIN_STORE_KEY", "MEMOS_ADMIN_BACKUP_KEY"})
"""Variables that hold a key or a passphrase."""

_taken: dict[str, str] = {}

ENVIRONMENT: Mapping[str, str] = ChainMap(_taken, os.environ)
"""The environment of the process, with the secrets that were taken out of it."""


def take_secrets() -> None:
    """Take the secrets out of the environment of the process; `ENVIRONMENT` has them from then on."""
    for name in SECRETS & os.environ.keys():
        _taken[name] = os.environ.pop(name)


def without_secrets(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for a program that is started: one without our secrets."""
    return {name: value for name, value in env.items() if name not in SECRETS}
