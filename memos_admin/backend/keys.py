"""What a key must look like, and what can go wrong on the way to one.

::

    CredentialsError            anything below; its text says what to do next, and never holds a key
    ├── NoProject               nothing says which project is meant
    ├── NoKey                   every source was asked and none has a key
    ├── BadKey                  what was given cannot be a key
    ├── ForeignKey              a key with a fingerprint that this project does not know
    ├── KeyBoundElsewhere       the keyring's key was stored for another address
    ├── KeyInAddress            the address of the project has the key in it
    ├── KeyCommandFailed        key_command failed, printed nothing or took too long
    └── KeyringError            the keyring cannot be used
        ├── NoKeyring           there is none, or one that keeps nothing
        ├── KeyringLocked       it is locked, and unlocking was declined or failed
        ├── KeyringTimeout      it did not answer in time, mostly because it waits to be unlocked
        ├── KeyringInsecure     it would keep the key in a readable file
        ├── KeyringForgot       what was read back is not what was written
        └── KeyringFailed       it failed in its own way, or holds something that is not ours

Commands end with exit code 3 on any of them. This module imports nothing heavy.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from memos_admin.backend.environment import ENVIRONMENT
from memos_admin.cloud.key import (
    LIKE_A_KEY,
    SHORTEST_HIDDEN,
    ApiKey,
    fingerprint_of,
    without_known_keys,
)
from memos_admin.cloud.key import BadKey as NotAKey
from memos_admin.language import gettext as _

LONGEST_KEY = 512
"""Characters; keys of the service have about 50."""

_KEY = re.compile(r"mpg-[A-Za-z0-9_\-]+")

USUAL_PREFIX = "mpg-"
"""How keys of MemOS Cloud begin (memos-cloud-api, "Addresses and identity")."""


class CredentialsError(Exception):
    """There is no usable key; the text says what to do."""


class NoProject(CredentialsError):
    """Neither ``--project`` nor the environment nor ``projects use`` names a project."""


class NoKey(CredentialsError):
    """No source has a key for the project."""


class KeyGiven(ValueError):
    """A key was given where an id, a question or a note was asked for; the text never holds it."""


class BadKey(CredentialsError):
    """What was given cannot be a key."""


class ForeignKey(CredentialsError):
    """The key's fingerprint is not among those that filled the project."""


class KeyBoundElsewhere(CredentialsError):
    """The key was stored for another address than the one that the project has now."""


class KeyInAddress(CredentialsError):
    """The key stands in the project's address, which servers and proxies log."""


class KeyCommandFailed(CredentialsError):
    """``key_command`` gave no key."""


class KeyringError(CredentialsError):
    """The keyring cannot be used."""


class NoKeyring(KeyringError):
    """There is no keyring, or one that keeps nothing."""


class KeyringLocked(KeyringError):
    """The keyring is locked."""


class KeyringTimeout(KeyringError):
    """The keyring did not answer in time."""


class KeyringInsecure(KeyringError):
    """The keyring would keep the key where others can read it."""


class KeyringForgot(KeyringError):
    """The keyring took the key and does not give it back."""


class KeyringFailed(KeyringError):
    """The keyring failed, or its entry is not one of ours."""


def check_key(text: str, given_by: str) -> ApiKey:
    """Return the key in `text`, white space around it stripped.

    Args:
        text: what a person, a program or the environment gave.
        given_by: who gave it, for the message: ``MEMOS_API_KEY``, ``standard input``, …

    Raises:
        BadKey: it is empty, longer than `LONGEST_KEY`, or not printable ASCII without spaces. The
            message never contains it, nor does a chained exception hold it.
    """
    if len(text.strip()) > LONGEST_KEY:
        raise BadKey(
            _(
                "{given_by}: {count} characters are no key; one has at most {longest}. Copy "
                "only the key from the MemOS console."
            ).format(given_by=given_by, count=len(text.strip()), longest=LONGEST_KEY)
        )
    try:
        return ApiKey(text)
    except NotAKey as error:
        problem = str(error)
    raise BadKey(_("{given_by}: {problem}").format(given_by=given_by, problem=problem))


def unusual(key: ApiKey) -> str | None:
    """Return a warning where a key does not look like one of MemOS Cloud, else None."""
    if key.reveal().startswith(USUAL_PREFIX):
        return None
    return f"The key does not begin with {USUAL_PREFIX} as keys of MemOS Cloud do. Is it the right one?"


def without_keys(text: str) -> str:
    """Return `text` without anything that is, or looks like, an API key."""
    text = without_known_keys(text)
    key = ENVIRONMENT.get("MEMOS_API_KEY", "").strip()
    if key:
        text = text.replace(key, "[API key]")
    return _KEY.sub("[API key]", text)


def without_held(text: str) -> str:
    """Return a text that holds an API key with nothing in its place."""
    return without_keys(text).replace("[API key]", "")


def holds_key(text: str, fingerprints: Collection[str] = ()) -> bool:
    """Whether what should be an id is, or holds, an API key: one that is known here, or looks like one.

    Args:
        text: that was given.
        fingerprints: of keys that nobody has to look up for that.
    """
    if without_known_keys(text) != text or LIKE_A_KEY.search(text):
        return True
    key = ENVIRONMENT.get("MEMOS_API_KEY", "").strip()
    if len(key) >= SHORTEST_HIDDEN and key in text:
        return True
    if not fingerprints or fingerprint_of(text) not in fingerprints:
        return False
    ApiKey(text)  # wherever it is told from now on, it is hidden
    return True


def refuse_key(text: str, what: str, fingerprints: Collection[str] = ()) -> None:
    """Raise KeyGiven where a text is, or holds, an API key.

    Args:
        text: that is to be sent or kept.
        what: it should have been, translated here.
        fingerprints: of the project's keys.
    """
    if holds_key(text.strip(), fingerprints):
        raise KeyGiven(
            _(
                "That is the API key, and no {what}. It was kept nowhere here, but a shell may remember "
                "what was typed."
            ).format(what=_(what))
        )
