"""Stretches of consent, read from the register's events."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from assets.core.london_time import LONDON
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.consent.consent_state import last_day_counted

_ENDING = frozenset({"withdrawn", "renewed"})
_BEGINNING = frozenset({"granted", "renewed"})


def spans_of(events: Iterable[sa.RowMapping]) -> list[ConsentSpan]:
    """One span for each grant and renewal; the next renewal or withdrawal ends it at its moment.

    Args:
        events: rows of `consent_events` in the order of `seq`, as `EVENTS` gives them.
    """
    found: dict[str, list[ConsentSpan]] = defaultdict(list)
    for event in events:
        of_group = found[event["group_ref"]]
        if event["kind"] in _ENDING:
            # A renewal's terms stand alone: days that they leave out are read no longer.
            of_group[:] = [
                replace(one, withdrawn_at=one.withdrawn_at or event["at"]) for one in of_group
            ]
        if event["kind"] in _BEGINNING:
            # Not read past its review, nor, of an earlier version, past what it lacks.
            last = min(
                event["valid_until"],
                event["review_by"] or date.max,
                last_day_counted(event) or date.max,
            )
            end = last + timedelta(days=1)
            span = ConsentSpan(
                group_ref=event["group_ref"],
                employer_ref=event["employer_ref"],
                valid_from=event["valid_from"],
                valid_until=event["valid_until"],
                recorded_at=event["at"],
                withdrawn_at=None,
                runs_out_at=datetime.combine(end, time(), LONDON),
            )
            of_group.append(span)
    return [span for of_group in found.values() for span in of_group]
