"""Alembic's way in: it is handed an open connection by `store.bootstrap.migrate`, and nothing else starts it."""

from alembic import context

from store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
