"""Which proxy stands between this machine and the service, and how it may be called.

A proxy's URL may hold a password: only host and port of it are ever shown.
"""

from __future__ import annotations

import os
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from memos_admin.cloud.origin import is_loopback

_SCHEMES = ("https", "all")
"""Of the environment's proxies those that requests to the service use, the more special one first."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that requests pass.

    Attributes:
        url: where it is, with a scheme; may hold a password.
        shown: its host and port, without anything secret.
        variable: the variable of the environment that names it.
    """

    url: str = field(repr=False)
    shown: str
    variable: str


def environment_proxy(base_url: str) -> Proxy | None:
    """Return the proxy that the environment, or else the system, names for a base URL.

    None is returned for a service on this machine, and for what ``NO_PROXY`` names.

    Args:
        base_url: as `check_base_url` returns it.
    """
    if is_loopback(base_url) or urllib.request.proxy_bypass(urlsplit(base_url).netloc):
        return None
    named = urllib.request.getproxies()
    scheme = next((scheme for scheme in _SCHEMES if named.get(scheme)), None)
    if scheme is None:
        return None
    url = named[scheme] if "://" in named[scheme] else f"http://{named[scheme]}"
    return Proxy(url, _shown(url), _variable(scheme))


def _shown(url: str) -> str:
    """Return host and port: what is before the last ``@`` and behind them may be a password."""
    behind = url.rpartition("@")[2].rpartition("://")[2]
    shown = behind.partition("/")[0].partition("?")[0].partition("#")[0]
    return shown if shown.isprintable() else "?"


def _variable(scheme: str) -> str:
    """Return the variable that names a proxy, as it is written here; lower case counts first."""
    name = f"{scheme}_proxy"
    return name if os.environ.get(name) else name.upper()
