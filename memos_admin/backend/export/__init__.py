"""Lists and exports of messages and memories: tables for spreadsheets, JSON lines for everything.

Exports stream: they read through a connection of their own, a batch at a time, and hold no read
snapshot between batches.
"""

from memos_admin.backend.export.csv_format import CsvFormat
from memos_admin.backend.export.exporting import (
    ExportReport,
    ExportStopped,
    Format,
    Preview,
    export,
    preview,
)
from memos_admin.backend.export.names import suggest_name
from memos_admin.backend.export.rows import (
    MEMORY_COLUMNS,
    MESSAGE_COLUMNS,
    memory_rows,
    message_rows,
)
from memos_admin.backend.export.scope import (
    ConversationScope,
    MemoriesScope,
    Scope,
    SubjectScope,
)

__all__ = [
    "MEMORY_COLUMNS",
    "MESSAGE_COLUMNS",
    "ConversationScope",
    "CsvFormat",
    "ExportReport",
    "ExportStopped",
    "Format",
    "MemoriesScope",
    "Preview",
    "Scope",
    "SubjectScope",
    "export",
    "memory_rows",
    "message_rows",
    "preview",
    "suggest_name",
]
