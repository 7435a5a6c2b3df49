"""Where an answer points to instead of answering. It is told, never followed: the key stays here."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from memos_admin.cloud.origin import BadAddress, check_base_url


class Location(NamedTuple):
    """What a redirect names, fit to be shown: no query, which may hold what is secret.

    Attributes:
        address: the whole address, or only its origin where its path is an unusual one.
        base_url: another base URL, below which the same route is there; None: it is none.
    """

    address: str
    base_url: str | None


def pointed_to(base_url: str, path: str, location: str | None) -> Location | None:
    """Return what a redirect names; None where it is no address of http.

    Args:
        base_url: what was asked, as `check_base_url` returns it.
        path: what was asked below it.
        location: the header, which may be a path of the same address.
    """
    try:
        target = urlsplit(urljoin(base_url + path, location or ""))
        # As https, since an address of plain http is told too, though it is no base URL.
        host = check_base_url(f"https://{target.netloc}")
    except ValueError:
        return None
    if not location or target.scheme not in {"https", "http"}:
        return None
    try:
        whole = check_base_url(host + target.path)
    except BadAddress:
        return Location(target.scheme + host.removeprefix("https"), None)
    whole = target.scheme + whole.removeprefix("https")
    base = whole.removesuffix(path)
    return Location(whole, base if base not in {whole, base_url} and _fit(base) else None)


def _fit(base_url: str) -> bool:
    """Return whether a key may be sent there at all."""
    try:
        check_base_url(base_url)
    except BadAddress:
        return False
    return True
