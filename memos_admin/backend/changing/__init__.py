"""Changing what the service remembers: looked at before, journaled, read back, never assumed.

::

    permission.py        whether a project's memories may be changed at all
    said.py              what a memory says, asked for by its id
    plan.py              what exactly will be done to memories; made by planning.py
    sending.py           a request sent once, journaled before and after
    carrying.py          does it, one memory after the other, each journaled before and after
    reading_back.py      waits until the service shows it, or says that it does not
    keeping.py           brings the store up to date from what was read back
    outcome.py           what was done, what was not, and what could not be verified
    lines.py             what plans and outcomes are shown in; wording.py makes them
    subject.py           all of it for what the service holds of a user or an agent, with
                         subject_planning.py, subject_reading.py (back) and subject_wording.py
"""
