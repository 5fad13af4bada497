"""What is known of the files that readers attach; a file belongs to no thread until it is sent with a question."""

from chatkit.types import Attachment
from sqlalchemy import ColumnElement, and_, delete, select

from booklight.context import RequestContext
from booklight.store import rows
from booklight.store.columns import current_moment
from booklight.store.database import Database
from booklight.store.queries import found, touch_thread
from booklight.store.tables import attachments


class AttachmentRecords:
    """Keeps what is known of files, not the files themselves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_attachment(self, attachment: Attachment, context: RequestContext) -> None:
        """Keep what is known of a file."""
        values = rows.attachment_values(attachment)
        created = values | {"id": attachment.id, "owner": context.owner, "created_at": current_moment()}
        statement = self._database.insert(attachments).values(created)
        mine = attachments.c.owner == context.owner
        statement = statement.on_conflict_do_update(index_elements=["id"], set_=values, where=mine)
        async with self._database.transaction() as connection:
            if attachment.thread_id is not None:
                await touch_thread(connection, attachment.thread_id, context)
            row = (await connection.execute(statement.returning(attachments.c.id))).first()
            found(row, "attachment")

    async def load_attachment(self, attachment_id: str, context: RequestContext) -> Attachment:
        """Return what is known of a file."""
        async with self._database.statement() as connection:
            result = await connection.execute(select(attachments).where(_own_attachment(attachment_id, context)))
        return rows.load_attachment_row(found(result.first(), "attachment"))

    async def delete_attachment(self, attachment_id: str, context: RequestContext) -> None:
        """Forget a file."""
        statement = delete(attachments).where(_own_attachment(attachment_id, context)).returning(attachments.c.id)
        async with self._database.statement() as connection:
            found((await connection.execute(statement)).first(), "attachment")


def _own_attachment(attachment_id: str, context: RequestContext) -> ColumnElement[bool]:
    return and_(attachments.c.id == attachment_id, attachments.c.owner == context.owner)
