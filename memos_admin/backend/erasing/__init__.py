"""Erasing somebody here: the rows, the words in the index, what files keep of them, and backups.

`roster.remove_subject` removes rows and words. This does that too, and then whatever else this machine
is known to hold: free space of the files, their logs, backups, copies from before an upgrade, what a
killed program left, and where the screen was left.

    forgetting.py            looks what is here of somebody, and erases it
    plan.py                  what is here, and what came of it, as values
    in_backups.py            the same in the backups that are known
    in_kept_stores.py        looks in stores whose place backups have taken
    rewriting.py             writes the files anew, so that nothing of it is left in them
    unerased.py              the note of files that could not be reached, and of what was tried
    left_unerased.py         whether something of it still stands in those
    unfinished_erasures.py   erasures that were begun and have no end, in words
    begun_here.py            erasures that were killed, as the journal knows them
    begun_elsewhere.py       erasures that were begun in other projects here of the same key
    erased_before.py         erasures that have ended, as the journal knows them

To ask MemOS to erase as well, for a person's request, is `memos_admin.backend.subject_access.erasure`.
"""
