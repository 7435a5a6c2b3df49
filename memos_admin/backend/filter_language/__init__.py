"""The language of filters: ``view:preference tag:travel -status:archived updated:>2026-01-01 text``.

One language for screens, commands and saved filters; it says no more than a `Filter` does, and each
Filter has a text in it. Lists need no pydantic, so that this imports nothing but the standard library.
Parsers of other query languages (luqum for Lucene's) build trees that a `Filter` cannot hold, and do
not tell what could stand where a person is typing.
"""

from memos_admin.backend.filter_language.completing import OF_STORE, Completion, completion
from memos_admin.backend.filter_language.fields import FIELDS, OF_VERDICTS, STATUSES
from memos_admin.backend.filter_language.parsing import (
    LONGEST,
    Language,
    parse,
    parse_verdicts,
    split,
)
from memos_admin.backend.filter_language.printing import printed, quoted
from memos_admin.backend.filter_language.reading import FilterError, names_a_field, slip
from memos_admin.backend.filter_language.spans import span_of
from memos_admin.backend.filter_language.targets import FilterTarget, known, refused

__all__ = [
    "FIELDS",
    "LONGEST",
    "OF_STORE",
    "OF_VERDICTS",
    "STATUSES",
    "Completion",
    "FilterError",
    "FilterTarget",
    "Language",
    "completion",
    "known",
    "names_a_field",
    "parse",
    "parse_verdicts",
    "printed",
    "quoted",
    "refused",
    "slip",
    "span_of",
    "split",
]
