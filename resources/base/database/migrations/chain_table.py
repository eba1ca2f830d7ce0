"""Putting a table into the hash chain, in a migration."""

from collections.abc import Sequence

import sqlalchemy as sa


def chain_table(connection: sa.Connection, table: str, keys: Sequence[str]) -> None:
    """Commit to what a table holds, in the order of its keys, and from now on to each new row.

    A column that is added later has to be empty in the rows before: what a row says without its
    empty columns is what was committed to.

    Args:
        connection: the owner's.
        table: with its schema.
        keys: columns of its primary key.
    """
    run = connection.exec_driver_sql
    order = ", ".join(keys)
    of_key = ", ".join(f"content -> '{key}'" for key in keys)
    run("SET LOCAL timezone = 'UTC'; SET LOCAL bytea_output = 'hex'")
    run(
        f"SELECT restricted.chain_add('{table}',"  # noqa: S608  (names of ours)
        f" jsonb_build_array({of_key})::text, content::text)"
        f" FROM (SELECT jsonb_strip_nulls(to_jsonb(one)) AS content FROM {table} AS one"
        f" ORDER BY {order}) AS rows"
    )
    arguments = ", ".join(f"'{key}'" for key in keys)
    run(
        f"CREATE TRIGGER chained AFTER INSERT ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION restricted.chain_row({arguments})"
    )
