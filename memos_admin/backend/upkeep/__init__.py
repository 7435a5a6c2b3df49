"""Care for a project's store, beside those who read and fill it.

    maintenance.py   checks whether it is whole, and backs it up
    backups.py       where its backups were written, and what may be wrong with them
    restoring.py     puts a backup in its place
    retention.py     how long texts are kept that are superseded or said twice
    tidying.py       drops what is no longer to be kept, and rewrites the files without it
    indexing.py      fills the search index behind everything else
    zones.py         computes all times again when the project's zone has changed
    turns.py         who uses it for long, and who has to have it alone
    under_way.py     which syncs of it run, and which were killed

What is erased of somebody is the business of `memos_admin.backend.erasing`.
"""
