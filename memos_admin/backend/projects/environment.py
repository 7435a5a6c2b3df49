"""What the environment says of projects: which address, which key, whether changes are allowed."""

from __future__ import annotations

from collections.abc import Mapping

from memos_admin.backend.keys import check_key
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.origin import REGIONS, BadAddress, check_base_url
from memos_admin.language import gettext as _

ALLOW_WRITES = "MEMOS_ADMIN_ALLOW_WRITES"
"""Variable of the environment that allows changes in projects that only the environment names."""

_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"", "false", "0", "no", "off", "none"})


def address(env: Mapping[str, str]) -> str | None:
    """Return the base URL that ``MEMOS_BASE_URL`` or ``MEMOS_IS_GLOBAL`` chooses; None for neither.

    Raises:
        BadAddress: either says something that cannot be.
    """
    given = env.get("MEMOS_BASE_URL", "").strip()
    if given:
        return check_base_url(given)
    answer = env.get("MEMOS_IS_GLOBAL", "").strip().lower()
    if answer in _TRUE:
        return REGIONS["global"]
    if answer in _FALSE:
        return None if answer == "" else REGIONS["cn"]
    raise BadAddress(_("MEMOS_IS_GLOBAL is neither true nor false. Set it to true or to false."))


def key(env: Mapping[str, str]) -> ApiKey | None:
    """Return the key in ``MEMOS_API_KEY``; None where it is absent or blank. Raises BadKey."""
    text = env.get("MEMOS_API_KEY", "")
    return check_key(text, "MEMOS_API_KEY") if text.strip() else None


def allows_writes(env: Mapping[str, str]) -> bool:
    """Return whether what the environment's own project holds may be changed; by default not."""
    return env.get(ALLOW_WRITES, "").strip().lower() in _TRUE
