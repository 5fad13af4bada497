"""Sharing answers: a reader makes and ends links to an answer of theirs, and whoever has one reads it."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chatkit.types import AssistantMessageItem, URLSource

from booklight.api.store_errors import client_errors
from booklight.context import RequestContext
from booklight.contracts import PageContext
from booklight.errors import Invalid
from booklight.llm.notices import language_of, notices_of
from booklight.sharing.contracts import AnswerAddress, SharedAnswer, SharedPart, ShareLink, ShareState
from booklight.sharing.page import PageHtml, render_gone, render_shared
from booklight.store.shares import SharedTurn
from booklight.store.threads import SqlStore

MOST_LINKS = 200
"""Links that a reader may have at a time."""
_ID_BYTES = 24


@dataclass(frozen=True, slots=True)
class BookPlace:
    """The book, and where in it somebody asked: the URL of that page, or of the book's first."""

    title: str
    url: str


class AnswerSharing:
    """Shares answers in `store` for as long as `lifetime`. `find_place` returns None while there is no index."""

    def __init__(
        self, store: SqlStore, *, lifetime: timedelta, find_place: Callable[[PageContext], BookPlace | None]
    ) -> None:
        self._store = store
        self._lifetime = lifetime
        self._find_place = find_place
        self._one_at_a_time = asyncio.Lock()

    async def make(self, answer: AnswerAddress, owner: str) -> ShareLink:
        """Make a link to an answer of the reader's. Raises NotFound, NotReady, and Invalid for one link too many."""
        context, share_id = RequestContext(owner=owner), secrets.token_urlsafe(_ID_BYTES)
        with client_errors():
            if await self._store.count_shares(context) >= MOST_LINKS:
                raise Invalid(f"You have {MOST_LINKS:,} links to answers; stop sharing one of these to share another.")
            expires_at = await self._store.add_share(
                answer.thread_id, answer.item_id, share_id, self._lifetime, context
            )
        return ShareLink(id=share_id, expires_at=expires_at)

    async def end(self, answer: AnswerAddress, owner: str) -> int:
        """End all links to an answer of the reader's, and count them. Raises NotFound and NotReady."""
        with client_errors():
            return await self._store.delete_shares(answer.thread_id, answer.item_id, RequestContext(owner=owner))

    async def state(self, answer: AnswerAddress, owner: str) -> ShareState:
        """Return how an answer of the reader's is shared. Raises NotFound and NotReady."""
        with client_errors():
            links, expires_at = await self._store.load_share_state(
                answer.thread_id, answer.item_id, RequestContext(owner=owner)
            )
        return ShareState(links=links, expires_at=expires_at)

    async def load(self, share_id: str) -> SharedAnswer | None:
        """Return what a link shows, None where it holds no more or never did. Raises NotReady."""
        with client_errors():
            found = await self._store.load_shared_turn(share_id)
        return None if found is None else self._shown(found)

    async def page(self, shared: SharedAnswer, share_id: str) -> PageHtml:
        """Return the page of a shared answer, which the link with this id shows."""
        # However many ask for pages, one is rendered at a time: it competes with the event loop.
        async with self._one_at_a_time:
            return await asyncio.to_thread(render_shared, shared, share_id)

    def gone_page(self, languages: str) -> PageHtml:
        """Return the page of a link that shows nothing; `languages` is what the browser accepts."""
        return render_gone(language_of(languages.split(",")[0].split(";")[0].strip()))

    def _shown(self, turn: SharedTurn) -> SharedAnswer:
        place, language = self._find_place(turn.page), language_of(turn.page.locale or "")
        return SharedAnswer(
            question="".join(part.text for part in turn.question.content),
            quoted_text=turn.question.quoted_text,
            content=_parts(turn.answer),
            notices=[notices_of(language).unsupported] if turn.kind == "uncited" else [],
            cut=turn.cut,
            book_title=None if place is None else place.title,
            page_url=None if place is None else place.url,
            language=language,
            expires_at=turn.expires_at,
        )


def _parts(answer: AssistantMessageItem) -> list[SharedPart]:
    """Return the parts of an answer with what they cite of the book, as far as it is shown."""
    parts = []
    for part in answer.content:
        cited = [note.model_dump() for note in part.annotations if isinstance(note.source, URLSource)]
        parts.append(SharedPart.model_validate({"type": part.type, "text": part.text, "annotations": cited}))
    return parts
