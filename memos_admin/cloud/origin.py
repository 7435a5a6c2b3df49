"""Where a key may be sent: the service's addresses and the check of every other one.

This module imports nothing heavy, so that an address is checked before anything else happens.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from memos_admin.cloud.key import LIKE_A_KEY, without_known_keys
from memos_admin.language import gettext as _
from memos_admin.language import sentences

REGIONS = {
    "cn": "https://memos.memtensor.cn/api/openmem/v1",
    "global": "https://api.memt.ai/platform/api/openmem/v1",
}
"""Base URLs of the service by region (memos-cloud-api, "Addresses and identity")."""

_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:-]+)*")


class BadAddress(ValueError):
    """A base URL that a key must not be sent to. The text says why, and what to give instead.

    It never repeats the URL, which may hold a password.
    """


def _unlike(problem: str) -> BadAddress:
    """Return the error of a base URL that has a problem, with one that has none."""
    example = _("Give one like {address}.").format(address=REGIONS["cn"])
    return BadAddress(sentences(problem, example))


def check_base_url(url: str) -> str:
    """Return the normalised base URL: lower-case host, no default port, no trailing slash.

    Raises:
        BadAddress: it is not https (or http to this machine), or has a user name, a query, a
            fragment or an API key in it, or is no address at all.
    """
    normalised = _normalised(url)
    if (
        LIKE_A_KEY.search(url) or without_known_keys(url) != url
    ):  # each server on the way would log it
        raise BadAddress(
            _("The base URL contains an API key, which is sent in a header only. Leave it out.")
        )
    return normalised


def _normalised(url: str) -> str:
    url = url.strip()
    if not url:
        raise _unlike(_("The base URL is empty."))
    if not url.isascii() or not url.isprintable() or re.search(r"[\s\\]", url):
        raise _unlike(
            _(
                "The base URL contains a space, a backslash, a control character or a letter "
                "outside ASCII."
            )
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _unlike(_("The base URL is not an address.")) from None
    scheme = parts.scheme
    if scheme not in _DEFAULT_PORTS or not url[len(scheme) :].startswith("://"):
        raise _unlike(_("The base URL must start with https://."))
    if "@" in parts.netloc:
        raise BadAddress(
            _("The base URL contains a user name or password. Leave it out: the API key is enough.")
        )
    if "?" in url or "#" in url:
        raise BadAddress(_("The base URL contains ? or #. Leave out everything from there on."))
    return f"{scheme}://{_authority(scheme, host, port)}{_path(parts.path)}"


def origin(base_url: str) -> str:
    """Return scheme, host and, where it is not the default, port: ``https://memos.memtensor.cn``.

    Raises:
        BadAddress: as `check_base_url`, but for an API key.
    """
    return "/".join(_normalised(base_url).split("/", 3)[:3])


def is_loopback(base_url: str) -> bool:
    """Return whether the address is this machine: ``localhost``, 127.0.0.0/8 or ``::1``."""
    return _loopback_host(urlsplit(base_url).hostname or "")


def _authority(scheme: str, host: str, port: int | None) -> str:
    """Return host and port as they stand in a URL, or raise BadAddress."""
    if ":" in host:
        try:
            shown = f"[{ipaddress.IPv6Address(host).compressed}]"
        except ValueError:
            raise _unlike(_("The host of the base URL is no IPv6 address.")) from None
        if "%" in host:
            raise BadAddress(_("The base URL names a network interface. Leave out % and the name."))
    elif _HOST_NAME.fullmatch(host):
        shown = host
    else:
        raise _unlike(_("The base URL has no usable host name."))
    if scheme == "http" and not _loopback_host(host):
        raise BadAddress(
            _(
                "The base URL is plain http, so anybody on the way could read the API key "
                "and the memories. Use https (http is for this machine only, such as "
                "http://127.0.0.1:8000)."
            )
        )
    if port == 0:
        raise _unlike(_("The port of the base URL is 0."))
    return shown if port in {None, _DEFAULT_PORTS[scheme]} else f"{shown}:{port}"


def _path(path: str) -> str:
    """Return the path without trailing slashes, or raise BadAddress."""
    path = path.rstrip("/")
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise _unlike(_("The path of the base URL is unusual."))
    return path


def _loopback_host(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
