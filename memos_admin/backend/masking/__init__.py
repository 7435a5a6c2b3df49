"""Screen-safe mode: what in a text is personal or secret, and what stands there instead.

::

    folding.py     full-width digits, odd spaces and dashes as plain ones, what is unseen left out
    finding.py     where e-mail addresses, phones, numbers of persons and cards, secrets stand
    secrets.py     of those: keys, passwords, what an address of the web carries
    spoken.py      of those: codes and passwords as people tell them to each other
    emails.py      of those: e-mail addresses
    phones.py      of those: phones
    cards.py       which numbers of cards there are
    broken.py      of those: numbers that go on behind a line break
    covering.py    a text with masks in it, and where each of its characters went
    pseudonyms.py  other names for users, the same ones as long as a home has its key
    veil.py        what the display gate asks: the mask of a text, the name of a user

Nobody imports it unless the mode is on: the libraries that know phones and numbers take a while.
"""
