"""The page of the views for SQL, made from the views themselves."""

from __future__ import annotations

from collections.abc import Iterator

from memos_admin.store.sql_views import VERSION, VIEWS

_BEFORE = """\
# Ask in SQL

`make docs` writes the list of views below from the program itself.

```sh
memos-admin sql "SELECT view, count(*) FROM memories WHERE NOT vanished GROUP BY view"
memos-admin sql "SELECT tag, count(*) AS n FROM memory_tags GROUP BY tag ORDER BY n DESC" --csv
memos-admin sql "SELECT user_id, memory_id, title FROM memories WHERE confidence < 0.5" --json
memos-admin sql                     # the views and their columns
```

* Read-only: the file is opened to be read, and a statement may do nothing but select from the views below:
  no table, no setting, no other file. What is refused, or wrong, ends with 2. Encrypted stores work as well.
* One statement. The first 100 rows, `--limit 0` for all; `--json`, `--csv` (no cell is a formula), a table on a
  terminal, tab-separated lines elsewhere. `Ctrl+C` ends a statement that takes too long.
* Masked (`--mask`, `mask` of the configuration), the answer is masked as lists are. What SQL has cut or
  joined before may no longer be known for what it is.
* The journal keeps which views were read, and the statement with `?` for each text and number.
* Nothing is made in the store, and nothing slows a sync; but as long as a statement runs, the log of
  the store (`store.db-wal`) cannot be taken in, and grows.
* With a million memories a row by its id, and the messages of a conversation, are there at once; a count of all by view
  takes a second, by tag eight (two cores, busy with other things).
* All times are texts such as `2025-09-17T07:58:05.922Z`, in UTC; columns in `_ms` are numbers, and what compares
  `updated_ms` or `created_ms` with a constant uses the index. SQLite's own functions are there, `json_each` too.
* This is what was read here, with the limits that [completeness](completeness.md) tells.

These views stay as they are: this is version VERSION (`SELECT views_version FROM about`). Views and columns
may be added; where one goes or changes its meaning, the number grows. The tables behind them change.

## Datasette, and other programs

They open a copy, with the same views in it:

```sh
memos-admin store backup copy.db
memos-admin sql --definitions | sqlite3 copy.db
datasette --immutable copy.db
```

The second line may be run again, also with a later version: it puts the views anew.

The copy is as personal as the store: it is private (0600), and not to be served to others; `store forget` knows of
it as of any backup. Of an encrypted store it is encrypted with the same key, and Datasette cannot open it: ask it
with `memos-admin sql`. The tables in the copy are there too, and are no interface.

## The views
"""


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _BEFORE.replace("VERSION", str(VERSION))
    for number, (name, view) in enumerate(VIEWS.items()):
        if number:
            yield ""
        yield f"### {name}\n\nA row is {view.row}.\n"
        yield "| column | says |\n| --- | --- |"
        for column, says in view.columns.items():
            yield f"| `{column}` | {says} |"
