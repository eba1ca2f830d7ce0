"""How many rows the portal's role may add in a day: triggers hold it, whoever has its login."""

from collections.abc import Mapping

import sqlalchemy as sa

from resources.base.database.tables.portal import portal_consents
from resources.base.database.tables.pulse import pulse_answers
from resources.base.database.tables.register import consent_events
from resources.base.database.tables.requests import member_requests

MOST_A_DAY: Mapping[sa.Table, int] = {
    # Of withdrawals: more than all groups can come to. The first one of a group that has begun is
    # let through at the bound, too, for else it would keep people in.
    consent_events: 50_000,
    member_requests: 5_000,
    portal_consents: 1_000,
    pulse_answers: 20_000,
}
"""Rows of the last 24 hours; of what members send, which has no hour, of a day in London."""

FULL = "TD001"
"""SQLSTATE of the refusal."""
