"""Echoes: sentences of our own instructions, which a small model repeats ahead of its answer or in place of one."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

INSTRUCTIONS, SEARCH_INSTRUCTIONS = "instructions.md", "instructions_search.md"
NOT_COVERED = "The book does not seem to cover this."
"""What a model is told of passages that hardly answer. Repeated it is an answer, and not an echo."""

_LEAST_WORDS = 5
_SENTENCE_END = re.compile(r"(?<=[.:!?)])\s+")
_BOUNDARY = re.compile(r"(?<=[.:!?)])(?=\s)|(?<=\n)")
_BEFORE_WORDS = re.compile(r"^[\s\-*+>(]+")


class EchoFilter:
    """Leaves sentences of our instructions out of a text that comes in pieces of any size.

    A sentence is held only while it may still become one of them.
    """

    def __init__(self) -> None:
        self._held = ""
        self._passing = ""
        self._begun = False

    def read(self, text: str) -> str:
        """Return what is certain now."""
        self._held += text
        return self._advance(final=False)

    def finish(self) -> str:
        """Return the rest, now that nothing follows."""
        return self._advance(final=True)

    def _advance(self, *, final: bool) -> str:
        said = ""
        while self._held:
            if self._passing:
                said += self._pass_sentence()
            elif echo := _echo_at_start(self._held):
                self._held = self._held[echo:]
            elif not self._begun and self._held[0].isspace():
                self._held = self._held[1:]
            elif not final and _may_become_echo(self._held):
                break
            else:
                said += self._held[0]
                self._held, self._passing, self._begun = self._held[1:], self._held[0], True
        return said

    def _pass_sentence(self) -> str:
        """Take the rest of a sentence that is no echo, as far as it has come."""
        end = _BOUNDARY.search(self._passing + self._held, 1)
        taken = len(self._held) if end is None else end.start() - 1
        said, self._held = self._held[:taken], self._held[taken:]
        self._passing = "" if end is not None else (self._passing + said)[-1]
        return said


def _echo_at_start(text: str) -> int:
    """Return where the echo ends that `text` begins with, 0 where it begins with none."""
    return next((found.end() for echo in _echoes() if (found := echo.match(text))), 0)


def _may_become_echo(text: str) -> bool:
    begun = " ".join(_BEFORE_WORDS.sub("", text).split())
    return any(sentence.startswith(begun) for sentence in _sentences())


@cache
def _sentences() -> tuple[str, ...]:
    """Return the sentences of our instructions that are long enough to be nobody else's."""
    texts = map(load_text, (INSTRUCTIONS, SEARCH_INSTRUCTIONS))
    return tuple(sentence for text in texts for sentence in _split(text) if len(sentence.split()) >= _LEAST_WORDS)


@cache
def _echoes() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(r"[\s\-*+>(]*" + r"\s+".join(map(re.escape, one.split()))) for one in _sentences())


def _split(text: str) -> Iterable[str]:
    plain = " ".join(line.removeprefix("- ") for line in text.splitlines())
    return (" ".join(_BEFORE_WORDS.sub("", sentence).split()) for sentence in _SENTENCE_END.split(plain))


def load_text(name: str) -> str:
    """Return a file of instructions of this package."""
    return files("booklight.llm").joinpath(name).read_text(encoding="utf-8")
