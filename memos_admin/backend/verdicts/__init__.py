"""Verdicts: what operators say of memories, who agrees with whom, and what is to be looked at next.

::

    kinds.py       which verdicts there are, their keys and words
    operators.py   who judges
    giving.py      giving and withdrawing them, journaled
    standing.py    what stands of a memory, and whether it says the same still
    verdict_filter.py  which verdicts: a filter of memories with what was said, by whom and when
    choosing.py    the verdicts that it names
    queues.py      what to look at next, in an order that stays
    agreement.py   how often two operators agree, and by how much more than chance
    figures.py     what was said of which view in which week
    correcting.py  what a reviewed batch asks of MemOS; made and carried out by `backend.changing`
"""
