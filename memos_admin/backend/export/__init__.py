"""Lists and exports of messages and memories: CSV for spreadsheets, JSON lines for everything.

Exports stream: they read through a connection of their own, a batch at a time, and hold no read
snapshot between batches.
"""

from memos_admin.backend.export.csv_format import CsvFormat
from memos_admin.backend.export.exporting import (
    ExportReport,
    Format,
    export_conversation,
    export_memories,
    export_user,
)
from memos_admin.backend.export.names import suggest_name
from memos_admin.backend.export.rows import (
    MEMORY_COLUMNS,
    MESSAGE_COLUMNS,
    memory_rows,
    message_rows,
)

__all__ = [
    "MEMORY_COLUMNS",
    "MESSAGE_COLUMNS",
    "CsvFormat",
    "ExportReport",
    "Format",
    "export_conversation",
    "export_memories",
    "export_user",
    "memory_rows",
    "message_rows",
    "suggest_name",
]
