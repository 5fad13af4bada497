"""The context of one request: who asks, from where and about what, and the state of the turn that answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from booklight.cancellation import Cancellation
from booklight.contracts import PageContext, Passage, Scope, SectionAddress, Selection

if TYPE_CHECKING:  # slow to import
    from chatkit.types import ThreadItem

FallbackReason = Literal["model_down", "reader_budget", "everybody_budget"]
"""Why quotations take the place of the model's answer."""

AnswerKind = Literal["sure", "likely", "not_covered", "cited", "cited_by_words", "uncited", "refused", "cut"]
"""What kind of answer readers were given: three kinds of quotations, and what became of a model's words."""


def show_nobody(text: str) -> None:
    """Show no progress: nobody is there to see it."""


@dataclass(frozen=True, slots=True)
class FirstLease:
    """The lease that a thread is made with: the turn that makes it, and for how many seconds it holds it."""

    turn_id: str
    seconds: float


@dataclass(slots=True)
class TurnState:
    """What a turn has found, used and failed with so far.

    `id` is set while the turn holds its thread, and `cancellation` ends its answer early. Where it makes the thread,
    `first_lease` and `first_title` are what it makes it with, and `thread_made` is what was then kept, by column, until
    that is changed.

    The passage labelled `[^n]` is `passages[n - 1]`, and labels go on counting across the `searches` of the turn.
    `found` says that a search found an answer; `scope_exhausted`, that one within the reader's own scope found none, so
    that the model may widen it.

    `tokens` are those the model's provider says were used, some in what it was given and some in what it wrote.
    `fallback` says why the model did not answer, if it did not, and `failure` is the error kind of what went wrong.
    `answer` is what kind of answer it has come to, None while there is none or nothing is stated.
    `unstored_since` is when a write first failed, by the monotonic clock, until one succeeds. `threads_seen` are the
    threads that were loaded or saved: one of them that is deleted meanwhile is not created again. `withheld` are the
    items to store once a repeated answer has begun to be kept, and None in other turns and after that.
    `report_progress` shows the reader what is being done, in a few words; `locale` is the one of what the sidecar says
    to them itself.
    """

    id: str | None = None
    first_lease: FirstLease | None = None
    first_title: str | None = None
    thread_made: Mapping[str, object] | None = None
    cancellation: Cancellation = field(default_factory=Cancellation)
    passages: list[Passage] = field(default_factory=list)
    searches: int = 0
    scope_exhausted: bool = False
    found: bool = False
    tokens: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    fallback: FallbackReason | None = None
    failure: str | None = None
    answer: AnswerKind | None = None
    unstored_since: float | None = None
    threads_seen: set[str] = field(default_factory=set)
    withheld: "list[ThreadItem] | None" = None
    locale: str = "en"
    report_progress: Callable[[str], None] = show_nobody

    def cite(self, passage: Passage) -> int:
        """Return the label of `passage`, the same one if it has one."""
        for label, known in enumerate(self.passages, start=1):
            if known.chunk.id == passage.chunk.id:
                return label
        self.passages.append(passage)
        return len(self.passages)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Handed to the store, the server and the agent's tools; made anew for every request.

    `owner` is the reader whose threads are visible; `page` and `scope` are where they are and where they want to
    search. `selection_first` says that they ask about their `selections` before anything else, `begins_thread`, that
    the question is the first of its thread. `about` is the section that it was made from, where it was offered to ask.
    `asked_on` keeps a list of threads to those asked on that page;
    `visible_only` keeps a list of items to those that clients may see; `reason` goes with feedback.
    """

    owner: str
    page: PageContext = field(default_factory=PageContext)
    scope: Scope | None = None
    selections: tuple[Selection, ...] = ()
    selection_first: bool = False
    about: SectionAddress | None = None
    begins_thread: bool = False
    asked_on: str | None = None
    reason: str | None = None
    visible_only: bool = False
    turn: TurnState = field(default_factory=TurnState)
