"""Putting a table into the hash chain, and letting public code compare it, in a migration."""

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
    run("SET LOCAL extra_float_digits = 1")
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


def digest_table(connection: sa.Connection, table: str) -> None:
    """Keep a digest of what a public table holds, and from now on of each new row.

    Args:
        connection: the owner's.
        table: with its schema.
    """
    run = connection.exec_driver_sql
    row = f"'{table}' || chr(10) || jsonb_strip_nulls(to_jsonb(one))::text"
    run("SET LOCAL timezone = 'UTC'; SET LOCAL bytea_output = 'hex'")
    run("SET LOCAL extra_float_digits = 1")
    run(
        "INSERT INTO release.row_digests"  # noqa: S608  (names of ours)
        f" SELECT encode(sha256(convert_to({row}, 'UTF8')), 'hex') FROM {table} AS one"
    )
    run(
        f"CREATE TRIGGER digested AFTER INSERT ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION restricted.digest_row()"
    )
