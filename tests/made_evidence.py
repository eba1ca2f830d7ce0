"""Evidence for tests that release by themselves, and cards of made-up tables."""

import datetime as dt

from resources.stores.published.evidence_cards import EvidenceCard
from resources.stores.release.evidence import InForce, Releasing

RUN = "00000000-0000-4000-8000-000000000001"
IN_FORCE = InForce("0.1.0", "c" * 64, "d" * 40, "e" * 64, "7" * 64, "5" * 64, "0" * 64, "1" * 64)
RELEASING = Releasing(IN_FORCE, RUN)


def cards(published, **changes):
    """A card for each region-day and revision of a table of published values."""
    names = ["region", "day", "method_version", "revision", "status"]
    rows = published[names].drop_duplicates(names[:4]).itertuples(index=False)
    return [
        EvidenceCard(
            **{
                "region": region,
                "day": day,
                "revision": int(revision),
                "method_version": method,
                "closed_on": day + dt.timedelta(days=3),
                "recorded": "at_release",
                "published": status != "not_published",
                "gate_passed": True if status != "not_published" else None,
                "micro_rho": 50_000 if status != "not_published" else None,
                "groups_commitment": "a" * 64,
                "chain_head": None,
                **vars(IN_FORCE),
                **changes,
            }
        )
        for region, day, method, revision, status in rows
    ]
