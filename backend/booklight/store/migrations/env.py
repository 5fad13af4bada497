"""What Alembic runs: the migrations, on the connection that `booklight.store.migrations.upgrade` holds."""

from alembic import context

from booklight.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
