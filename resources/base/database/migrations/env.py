"""What Alembic runs for each of its commands: on the caller's connection, in its transaction."""

from alembic import context

from resources.base.database.migrations import VERSION_SCHEMA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    version_table_schema=VERSION_SCHEMA,
    transactional_ddl=True,
)
context.run_migrations()
