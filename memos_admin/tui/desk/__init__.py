"""What is on the main screen, without its keys: those are in `memos_admin.tui.actions`.

    panes.py          what the panes show, and how one follows from another
    reloading.py      what becomes of that when the store has changed, or cannot be read
    frame_words.py    what their frames say: where the cursor is, why a pane is empty
    row_words.py      what the rows of the memories say before their titles
    typed_filter.py   the filter of the memories that a person types
    place.py          where one can be there
    going.py          going to a place, pane by pane
    visits.py         where one has been

A place is what other screens lead to, too.
"""
