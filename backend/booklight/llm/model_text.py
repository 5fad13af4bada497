"""A model's text without what is not for a reader: thinking, tokens of its template, echoed blocks, calls as text.

`ModelText` takes the text in pieces of any size and tells what it says as pieces of its own; the same text gives the
same result however it is cut. In code nothing is touched. A call of our tool that was written as text is told as a
call, and thinking as thinking, without what was thought.
"""

import re
from collections.abc import Iterator
from typing import Literal

from booklight.llm.calls_as_text import begins_call, may_begin_call, read_calls
from booklight.llm.pieces import Ended, Piece, Restart, Text, Thought
from booklight.llm.prompt_blocks import TAGS

_THINKING = "think|thinking|thought|reasoning|reflection"
_TAG = re.compile(
    r"<\|(?P<token>[^|>\n]{1,40})\|>"
    rf"|<(?P<close>/?)(?P<thinking>{_THINKING})>"
    r"|\[(?P<close_mistral>/?)THINK\]"
    rf"|<(?P<close_block>/?)(?P<block>{'|'.join(TAGS)})(?=[\s>])[^>\n]{{0,400}}>"
    r"|<(?P<turn>end_of_turn|start_of_turn)>"
    r"|(?P<stop></s>)",
)
_TAG_BEGUN = re.compile(r"(?:<(?:\|[^|>\n]{0,40}\|?|/?[a-z_]{0,14}(?:\s[^>\n]{0,400})?)?|\[/?T?H?I?N?K?)\Z")
_INTEREST = re.compile(r"[<\[`\n]")
_TICKS = re.compile(r"`+")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_LINE_BEGUN = re.compile(r"[ \t>]*[`~]*\Z")

_SILENT = frozenset({"begin_of_text", "im_start", "assistant", "start", "start_header_id", "end_header_id", "system"})
_MAX_HEADER = 200

Mode = Literal["text", "thinking", "block", "header", "skipped", "call"]


class ModelText:
    """Reads the text of one call; `read` takes it piece by piece and `finish` tells the rest.

    Once `ended`, the model has left its turn, and what follows is not its own.
    """

    def __init__(self) -> None:
        self.ended = False
        self._held = ""
        self._mode: Mode = "text"
        self._closing = ""
        self._fence: str | None = None
        self._ticks = ""
        self._line_start = True
        self._channels = False
        self._blank = True

    def read(self, text: str) -> Iterator[Piece]:
        """Yield what is certain now."""
        yield from self._advance(self._held + text, final=False)

    def finish(self) -> Iterator[Piece]:
        """Yield the rest, now that nothing follows."""
        if self._mode == "call":
            calls, rest = read_calls(self._held)
            self._held, self._mode = "", "text"
            yield from [Text(rest)] if rest.strip() else []
            yield from calls
            return
        yield from self._advance(self._held, final=True)

    def _advance(self, text: str, *, final: bool) -> Iterator[Piece]:
        place = 0
        while place < len(text) and not self.ended:
            pieces, after = self._step(text, place, final)
            yield from pieces
            if after == place:
                break
            place = after
        self._held = "" if self.ended else text[place:]

    def _step(self, text: str, place: int, final: bool) -> tuple[list[Piece], int]:
        """Take one token off `text` at `place`; return what it says and where it ends: at `place`, while uncertain."""
        match self._mode:
            case "call":
                return [], place
            case "text":
                return self._read_text(text, place, final)
            case "header":
                return self._read_header(text, place, final)
            case _:
                return self._read_hidden(text, place, final)

    def _read_text(self, text: str, place: int, final: bool) -> tuple[list[Piece], int]:
        if self._line_start and not self._ticks:
            if not final and _LINE_BEGUN.match(text, place):
                return [], place
            fence = _FENCE.match(text, place)
            if self._fence is not None:
                if fence and fence[1].startswith(self._fence):
                    self._fence = None
                    return self._release(text, place, fence.end())
            elif begins_call(text, place):
                self._mode = "call"
                return [], place
            elif not final and may_begin_call(text, place):
                return [], place
            elif fence:
                self._fence = fence[1]
                return self._release(text, place, fence.end())
        if self._fence is not None:
            end = text.find("\n", place) + 1 or len(text)
            return self._release(text, place, end)
        return self._read_inline(text, place, final)

    def _read_inline(self, text: str, place: int, final: bool) -> tuple[list[Piece], int]:
        match text[place]:
            case "`":
                ticks = _TICKS.match(text, place)
                assert ticks is not None
                if ticks.end() == len(text) and not final:
                    return [], place
                self._ticks = "" if ticks[0] == self._ticks else self._ticks or ticks[0]
                return self._release(text, place, ticks.end())
            case "<" | "[" if not self._ticks:
                if tag := _TAG.match(text, place):
                    return self._read_tag(tag)
                if not final and _TAG_BEGUN.match(text, place):
                    return [], place
        if text[place] == "\n" and self._line_start:
            self._ticks = ""  # a span never goes past its paragraph
        interest = _INTEREST.search(text, place + 1)
        end = interest.start() if interest else len(text)
        return self._release(text, place, end if text[place] != "\n" else place + 1)

    def _read_tag(self, tag: re.Match[str]) -> tuple[list[Piece], int]:
        """Leave out a tag, and see what it means for what follows."""
        if tag["block"]:
            if not tag["close_block"]:
                self._hide("block", f"</{tag['block']}>")
            return [], tag.end()
        if tag["thinking"] or tag[0].endswith("THINK]"):
            if tag["close"] or tag["close_mistral"]:
                return self._restart(), tag.end()
            self._hide("thinking", f"</{tag['thinking']}>" if tag["thinking"] else "[/THINK]")
            return [Thought()], tag.end()
        if tag["stop"] or tag["turn"] == "end_of_turn":
            self.ended = not self._blank or bool(tag["turn"])
            return ([Ended("stop")] if self.ended else []), tag.end()
        return self._read_token(tag["token"] or "", tag.end())

    def _read_token(self, name: str, after: int) -> tuple[list[Piece], int]:
        """Read a token of a chat template: it opens a channel, means nothing yet, or ends the model's turn."""
        if name == "channel":
            self._mode, self._channels = "header", True
            return [], after
        if name == "message" or (name in _SILENT and self._blank):
            return [], after
        if name in ("end", "start") and self._channels:
            self._hide("skipped", "<|channel|>")
            return [], after
        self.ended = True
        return [Ended("stop")], after

    def _read_header(self, text: str, place: int, final: bool) -> tuple[list[Piece], int]:
        """Read the name of a channel: `final` is the answer, a recipient means a call, the others are thinking."""
        end = text.find("<|message|>", place)
        if end < 0:
            if final or len(text) - place > _MAX_HEADER:
                return [], len(text)
            return [], place
        header = text[place:end]
        if "to=" in header:
            self._mode = "call"
            return [], place
        after = end + len("<|message|>")
        if header.split()[:1] == ["final"]:
            self._mode = "text"
            return ([] if self._blank else self._restart()), after
        self._hide("skipped", "<|channel|>")
        return [Thought()], after

    def _read_hidden(self, text: str, place: int, final: bool) -> tuple[list[Piece], int]:
        """Pass over what is hidden, to its closing tag or the end."""
        end = text.find(self._closing, place)
        if end < 0:
            return [], (len(text) if final else max(place, len(text) - len(self._closing)))
        after = end + len(self._closing)
        self._mode = "header" if self._closing == "<|channel|>" else "text"
        return [], after

    def _hide(self, mode: Mode, closing: str) -> None:
        self._mode, self._closing = mode, closing

    def _restart(self) -> list[Piece]:
        blank, self._blank, self._line_start = self._blank, True, True
        return [Thought()] if blank else [Thought(), Restart()]

    def _release(self, text: str, start: int, end: int) -> tuple[list[Piece], int]:
        released = text[start:end]
        self._line_start = released.endswith("\n")
        if self._blank:
            released = released.lstrip()
            self._blank = not released
        return ([Text(released)] if released else []), end
