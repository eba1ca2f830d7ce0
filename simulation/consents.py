"""Consents that might be: terms that a home takes, for demo, tests, bench and evaluation."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from assets.core.delivery_rhythm import Rhythm
from resources.stores.consent.consent_terms import ConsentTerms, MemberBasis, Scope, Sector

COOLING_OFF = timedelta(days=7)
"""As `home.yaml` has it by default."""

NOTICE, NOTICE_VERSION = b"what the members were told", "v1"
"""What members of made-up groups were told."""


def made_up_terms(
    valid_from: date, valid_until: date, region: str = "greater_london", **changes: Any
) -> ConsentTerms:
    """Terms of one group, members told the cooling-off days before, but for what is changed.

    Args:
        valid_from: first day that may be read.
        valid_until: last day that may be read.
        region: of the group.
        changes: fields of `ConsentTerms` that are to be otherwise.
    """
    good = ConsentTerms(
        region=region,
        platform="whatsapp",
        member_basis=MemberBasis.NOTICE_WITH_OBJECTION,
        ethics_reference="REC 26/1",
        departure_approved=True,
        informed_on=valid_from - COOLING_OFF,
        notice_version=NOTICE_VERSION,
        notice=NOTICE,
        adult_workplace=True,
        evidence=b"signed form",
        sector=Sector.HOME_CARE,
        scopes=frozenset({Scope.TREND_LINES, Scope.SURVEYS}),
        rhythm=Rhythm.DAILY,
        review_by=valid_until,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    return replace(good, **changes)
