"""Dagster's tables and columns are asked for until they are there, and then no more."""

from typing import Any

import pytest
import sqlalchemy as sa

from resources.base.database.what_is_there import WhatIsThere


def test_what_was_not_there_is_asked_for_again_and_what_was_is_not() -> None:
    asked: list[str] = []
    answers = iter([False, True])
    there = WhatIsThere()

    def ask() -> bool:
        asked.append("once more")
        return next(answers)

    assert [there.has("column", ask) for _ in range(4)] == [False, True, True, True]
    assert len(asked) == 2
    assert not there.has("another", lambda: False)


@pytest.mark.slow
def test_a_process_asks_postgresql_once_for_each(session: Any) -> None:
    asked: list[str] = []

    def sent(*arguments: Any) -> None:
        if "pg_catalog" in arguments[2]:
            asked.append(arguments[2])

    with session.instance() as instance:
        sa.event.listen(sa.Engine, "before_cursor_execute", sent)
        try:
            found = []
            for _ in range(2):
                asked.clear()
                found.append(
                    (
                        instance.event_log_storage.has_table("asset_event_tags"),
                        instance.event_log_storage.can_read_asset_status_cache(),
                        instance.run_storage.has_run_stats_index_cols(),
                        instance.run_storage.has_backfill_id_column(),
                        instance.event_log_storage.has_table("no_table_of_dagster"),
                        len(asked),
                    )
                )
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", sent)
    first, second = found
    assert first[:5] == second[:5] == (True, True, True, True, False)
    # Only what is not there.
    assert first[5] > second[5] == 1
