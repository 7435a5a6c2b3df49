"""The recall lab: what the service recalls as an application asks it, and why the rest is not among it.

::

    parameters.py  what an application sends beside the question, from ``[recall]`` or as given
    filters.py     whether a memory passes a filter, as far as that can be told from here
    explaining.py  from two answers and what the store knows to one table; pure
    stored.py      what the store knows
    lab.py         asks the service twice, and journals it
    wording.py     sentences for what the table says
    questions.py   questions with expectations, in a file that a team shares
    saving.py      saving a question into such a file
    checking.py    whether answers are as expected, and what has changed since the last time
"""
