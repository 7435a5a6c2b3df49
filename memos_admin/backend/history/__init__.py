"""What was, and what became of it: as far as it was read here.

    memories.py   what a memory said at each reading that found it changed
    messages.py   the same of a message
    worddiff.py   what two texts have in common and what not, word by word
    changes.py    what syncs found: added, changed, gone and back
    timeline.py   the same day by day, beside how many there were
    as_of.py      what cannot be known of an instant that has passed

The tables as they were at an instant are the business of `memos_admin.store.as_of`.
"""
