"""The database: connection, roles, tables, migrations, and the server that comes with Tideline."""
