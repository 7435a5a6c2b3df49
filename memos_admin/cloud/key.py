"""An API key that shows itself only where it is asked to. This module imports nothing heavy."""

from __future__ import annotations

import re
from typing import NoReturn, final

from memos_admin.language import gettext as _

LONGEST = 1024
"""Characters; keys of the service have about 50, and a header has no room for a file."""


SHORTEST_HIDDEN = 8
"""Characters; what is shorter stands in texts that have nothing to do with a key."""

LIKE_A_KEY = re.compile(r"mpg-[A-Za-z0-9_\-]{20,}")
"""What looks like a key of MemOS Cloud (memos-cloud-api, "Addresses and identity")."""

_of_this_process: set[str] = set()


class BadKey(ValueError):
    """What was given cannot be an API key. The text never contains what was given."""


@final
class ApiKey:
    """Holds an API key of the service.

    `repr`, `str`, formatting and pickling never give the key away, so that it can stand in a local
    variable of a traceback or in a logged value. Two keys are equal if their texts are.

    Args:
        text: the key (``mpg-…``); white space around it is dropped, as a prompt, a pipe or a
            password manager leaves it there.

    Raises:
        BadKey: it is empty, too long, or has characters that no header can carry.
    """

    __slots__ = ("__text", "fingerprint")

    fingerprint: str
    """The first 16 hexadecimal digits of the key's SHA-256: tells keys apart, reveals nothing."""

    def __init__(self, text: str) -> None:
        text = text.strip()
        if not text:
            raise BadKey(
                _("The API key is empty. Copy it from the MemOS console (it starts with mpg-).")
            )
        if len(text) > LONGEST:
            raise BadKey(
                _("The API key has more than {count} characters. Copy only the key.").format(
                    count=LONGEST
                )
            )
        if not text.isascii() or not text.isprintable() or " " in text:
            raise BadKey(
                _(
                    "The API key contains a space, a control character or a letter outside "
                    "ASCII. Copy only the key itself (it starts with mpg-)."
                )
            )
        self.__text = text
        if len(text) >= SHORTEST_HIDDEN:
            _of_this_process.add(text)
        self.fingerprint = fingerprint_of(text)

    def reveal(self) -> str:
        """Return the key itself, for the header of a request or the keyring and nothing else."""
        return self.__text

    def hidden_in(self, text: str) -> str:
        """Return `text` with the key, in whatever case, replaced by ``[API key]``."""
        if self.__text.lower() not in text.lower():
            return text
        return re.sub(re.escape(self.__text), "[API key]", text, flags=re.IGNORECASE)

    def stands_in(self, text: str) -> bool:
        """Whether `text` holds the key, in whatever case; one that is so short that any may is not told."""
        return len(self.__text) >= SHORTEST_HIDDEN and self.__text.lower() in text.lower()

    def __repr__(self) -> str:
        return f"ApiKey({self.fingerprint}…)"

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ApiKey):
            return NotImplemented
        import hmac

        return hmac.compare_digest(self.__text, other.__text)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("An API key is not copied or pickled: it stays in this process.")


def fingerprint_of(text: str) -> str:
    """Return the fingerprint that a key with this text has."""
    import hashlib  # loads OpenSSL, which most commands do without

    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def without_known_keys(text: str) -> str:
    """Return `text` with ``[API key]`` for every key that this process has met, however it is quoted."""
    import json
    from urllib.parse import quote

    for key in _of_this_process:
        for form in {key, repr(key)[1:-1], json.dumps(key)[1:-1], quote(key), quote(key, safe="")}:
            text = text.replace(form, "[API key]")
    return text
