"""Numbers of payment cards: which there are."""

from __future__ import annotations

import re

from stdnum import luhn

_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|35\d{14}|6(?:011|5\d\d|4[4-9]\d)\d{12}|62\d{14,17}"
)


def is_card(digits: str) -> bool:
    """Return whether digits are the number of a card, by its issuer and its checksum."""
    return _ISSUERS.fullmatch(digits) is not None and luhn.is_valid(digits)
