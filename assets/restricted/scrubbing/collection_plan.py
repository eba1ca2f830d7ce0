"""Which days of a group are to be scrubbed, from which export."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from resources.stores.inbox.coverage import Candidate, supplier


def days_by_export(
    candidates: Collection[Candidate],
    days: Iterable[date],
    *,
    settled: Collection[date],
    stored: Mapping[date, str],
) -> dict[str, list[date]]:
    """The days to read from each export.

    Args:
        candidates: the group's readable exports.
        days: days that the group's consent covers and whose region-day is open.
        settled: days of the group that have settled; they are never read again.
        stored: for days whose vectors are stored and living, the digest they were made from.

    Returns:
        Days in order by export digest; a day whose stored vectors come from its newest covering
        export already is left out, unless another export may take messages of it back.
    """
    taken_back = any(one.takes_back for one in candidates)
    plan: dict[str, list[date]] = {}
    for day in sorted(set(days) - set(settled)):
        chosen = supplier(candidates, day)
        if chosen is not None and (taken_back or stored.get(day) != chosen.digest):
            plan.setdefault(chosen.digest, []).append(day)
    return plan
