"""What a home holds of its groups, so that two that were read in other ways can be compared."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from resources.base.database.tables import (
    gate_verdicts,
    group_days,
    notices,
    removed_words,
    scrubbed_messages,
)
from resources.stores.vectors.group_day_vectors import vectors_in

LONDON = "greater_london"
DAYS = [date(2026, 10, 12) + timedelta(days=n) for n in range(3)]


def stored_values(house: Any, refs: Sequence[str], days: Sequence[date] = DAYS) -> dict[str, Any]:
    """All that is stored of groups, but for what is drawn at random or tells who stored it.

    Args:
        house: a home of `open_house`, whose region is London.
        refs: its groups, told by their places among these.
        days: the days to look at.
    """
    place = {ref: number for number, ref in enumerate(refs)}
    store = house.resources["vector_store"]
    of_days: dict[Any, Any] = {}
    for one in store.find(LONDON, days):
        people: dict[int, list[bytes]] = {}
        if not one.destroyed:
            opened = vectors_in(store.content(one))
            for person, row in zip(opened.people, opened.embeddings, strict=True):
                people.setdefault(int(person), []).append(np.asarray(row).tobytes())
        of_days[one.day, place[one.group_ref]] = sorted(sorted(rows) for rows in people.values())
    scores = {
        (day, place[ref]): own
        for day in days
        for ref, own in house.resources["score_store"].of_region_day(LONDON, day).items()
    }
    told = {}
    for table in (gate_verdicts, removed_words, scrubbed_messages, notices, group_days):
        left = {"group_ref", "run_id", "recorded_at", "at", "export_digest", "key_id", "settled_at"}
        with house.database.transaction() as connection:
            rows = [row._mapping for row in connection.execute(sa.select(table))]
        told[table.name] = sorted(
            [
                str(place.get(row.get("group_ref"), "")),
                *(str(value) for name, value in row.items() if name not in left),
            ]
            for row in rows
        )
    codes = {place[ref]: own for ref, own in house.codes().items()}
    return {"vectors": of_days, "scores": scores, "codes": codes, **told}
