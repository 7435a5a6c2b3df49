"""Changing what the service remembers: looked at before, journaled, read back, never assumed.

::

    permission.py   whether a project's memories may be changed at all
    said.py         what a memory says, asked for by its id
    plan.py         what exactly will be done to memories; made by planning.py
    sending.py      a request sent once, journaled before and after
    carrying.py     does it, one memory after the other, each journaled before and after
    reading_back.py waits until the service shows it, or says that it does not
    keeping.py      brings the store up to date from what was read back
    outcome.py      what was done, what was not, and what could not be verified
    subject.py      the same for all that the service holds of a user or an agent, read back by
    subject_reading.py
    wording.py      a plan and an outcome in lines.py, for screens and commands; of a subject
    subject_wording.py
"""
