"""Repetition: a model that says the same over and over will not stop by itself."""

LOOKED_AT = 1_200
LEAST = 120
TIMES = 4
_EVERY = 40


class RepetitionWatch:
    """Watches a text as it grows."""

    def __init__(self) -> None:
        self._tail = ""
        self._new = 0

    def repeats(self, text: str) -> bool:
        """Add `text`, and say whether the same lines or words have now come TIMES times on end."""
        self._tail = (self._tail + text)[-LOOKED_AT:]
        self._new += len(text)
        if self._new < _EVERY:
            return False
        self._new = 0
        return is_repetitive(self._tail)


def is_repetitive(text: str) -> bool:
    """Say whether `text` ends in TIMES times the same words, LEAST characters or more in all."""
    for period in range(1, len(text) // TIMES + 1):
        length = max(period * TIMES, LEAST)
        if length > len(text):
            break
        if text[-1] != text[-1 - period]:
            continue
        end = text[-length:]
        if end[period:] == end[:-period] and any(map(str.isalpha, end[:period])):
            return True
    return False
