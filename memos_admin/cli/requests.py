"""``--verbose``: every request on stderr, without bodies or keys."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from memos_admin.backend.keys import without_keys
from memos_admin.cli.output import Output

_LOGGER = "memos_admin"


class _Notes(logging.Handler):
    """Writes records as narration."""

    def __init__(self, out: Output) -> None:
        super().__init__(logging.INFO)
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        self._out.note(without_keys(self.format(record)))


@contextmanager
def telling_requests(out: Output) -> Iterator[None]:
    """Tell what the client logs (method, route, code, milliseconds) until left."""
    logger = logging.getLogger(_LOGGER)
    handler, level = _Notes(out), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
