"""Hints for messages about cells: what to write instead. Used by the parent and the child.

Most exceptions need no hint: their own text and the line that raised them are shown.
"""

from __future__ import annotations

_SHORTER = "Show less (a part, a summary), or raise max_output in mkdocs.yml, under livenotes."

# A part of a message -> the hint.
HINTS = {
    "prints more than": _SHORTER,
    "shows pictures of": "Draw fewer points, or pass rasterized=True to what draws so many.",
    "shows more than": _SHORTER,
    "did not end within": "Make it shorter, or raise timeout in mkdocs.yml, under livenotes.",
    "s/it]": "Leave the progress bar out, or take that of tqdm.notebook.",
    "it/s]": "Leave the progress bar out, or take that of tqdm.notebook.",
    "wrote to standard error": "A page shows standard output: print there, or mend what complains.",
    "closes or redirects": "Put it back before the cell ends, or use contextlib.redirect_stdout.",
    "a file of the project": "Write a new file, by a relative name: it vanishes with the run.",
    "uses the network": "Keep the data in the project, and read them from there.",
    "reads from the keyboard": "Write what would be typed into the cell.",
    "kills a process": "End only what the cell itself has started.",
    "calls exit()": "Leave it out: the notebook ends with its last cell.",
    "cannot be called from a running event loop": "Await it: a notebook runs its own event loop.",
    "which no notebook can hold": "Give it a __repr__, or another of Jupyter's formats.",
    "exception in": "Catch it in the thread; print it, if the page is to show it.",
    "exception that Python ignores": "Raise it where it can be caught; print it, if it is meant.",
    "its process was killed": "Run the module alone to see why: livenotes run MODULE.",
    "its process ended by itself": "Raise an exception instead; a run must come to its end.",
    "NotImplementedError": "In exercises: a solution defines the same name as its exercise.",
    "its outputs did not arrive": "Leave pickle and Python's own functions as they are.",
}


def hint_for(message: str) -> str:
    """Returns the hint for this message, or ''."""
    return next((hint for words, hint in HINTS.items() if words in message), "")
