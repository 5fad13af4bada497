"""Which reader an operator means: by the token that a reader sent them, by a `session_id`, or by the id itself."""

from booklight.auth.tokens import MIN_SESSION_ID, Tokens, session_reader

_KINDS = ("reader:", "session:", "login:")
"""How the ids of anonymous readers begin, of those known by a `session_id`, and of those who signed in."""


class NotAReader(Exception):
    """What was given names no reader; the text says what would."""


def find_reader_id(given: str, tokens: Tokens) -> str:
    """Return the id of the reader that `given` names. Raises Unauthorized for a token that is not ours, or NotAReader.

    A token counts however long ago it expired: what is kept of its reader outlives it.
    """
    if given.startswith(_KINDS):
        return given
    if given.count(".") == 2:
        return tokens.owner_of(given)
    if len(given) >= MIN_SESSION_ID:
        return session_reader(given)
    raise NotAReader("give a reader's token, their session_id, or their id as the database has it")
