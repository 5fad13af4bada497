"""How much a reader keeps already, for those who bound it."""

from sqlalchemy import Select, func, select

from booklight.context import RequestContext
from booklight.store.database import Database
from booklight.store.leases import own_thread
from booklight.store.tables import items, threads

_MESSAGES = ("user_message", "assistant_message")


class Room:
    """Counts what there is, as far as `most`: beyond that it does not matter."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_threads(self, most: int, context: RequestContext) -> int:
        """Return how many threads the reader has, but at most `most`."""
        return await self._count(select(threads.c.id).where(threads.c.owner == context.owner), most)

    async def count_messages(self, thread_id: str, most: int, context: RequestContext) -> int:
        """Return how many questions and answers a thread has, but at most `most`; none for another reader's."""
        in_thread = select(items.c.id).join(threads, threads.c.id == items.c.thread_id)
        own = in_thread.where(own_thread(thread_id, context), items.c.type.in_(_MESSAGES))
        return await self._count(own, most)

    async def _count(self, query: Select[tuple[str]], most: int) -> int:
        counted = select(func.count()).select_from(query.limit(most).subquery())
        async with self._database.statement() as connection:
            return int((await connection.execute(counted)).scalar_one())
