"""The ids in what a person typed, pasted, or has in a file.

    as_shown.py     as they are shown: with marks for what nobody would see
    from_paste.py   one id: alone, in a line of JSON, an address, a sentence
    from_list.py    several: a column, a row, JSON, lines of a log
    from_file.py    users and agents: one a line, or a table with the column ``user_id``
    file_text.py    such a file as text; where it is none, what it is instead and what to do

Nothing is asked of a store or of MemOS here.
"""
