"""A row as the triggers committed to it: as JSON, without its empty columns."""

import sqlalchemy as sa

AS_RECORDED = sa.text(
    "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL timezone = 'UTC';"
    "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
)
"""For the transaction that compares: as the triggers write, and nobody's own functions stand in for
PostgreSQL's."""


def rows_as_recorded(table: sa.Table) -> str:
    """A subquery of a table's rows: `row_key`, `of_row` (its digest) and `content`.

    Args:
        table: one of ours; nothing else may get into a statement.
    """
    keys = ", ".join(f"content -> '{one.name}'" for one in table.primary_key.columns)
    return (
        "(SELECT row_key, content, encode(sha256(convert_to(row_key, 'UTF8')), 'hex') AS of_row"  # noqa: S608  (names of ours)
        f" FROM (SELECT jsonb_build_array({keys})::text AS row_key, content::text AS content"
        " FROM (SELECT jsonb_strip_nulls(to_jsonb(one)) AS content"
        f" FROM {table.fullname} AS one) AS bare) AS keyed)"
    )
