"""`relations.json`: the same bytes for the same associations."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from assets.core.modes import Mode
from assets.public.relations.associations import WORDS, Relations

DECIMALS = 3
_NOT_CORRECTED = (
    "Lag 0 has no adjusted_p: the same people write in the same week, and what they share by"
    " chance is part of it. No other noise than that of release is corrected for."
)


def relations_json(found: Iterable[Relations], mode: Mode) -> bytes:
    """Associations of regions as JSON.

    Args:
        found: one for each region, in the order wanted.
        mode: of the home.

    Returns:
        UTF-8, values with at most 3 decimals, keys in a fixed order, no time of making; every row
        names its region and says what it is an association of.
    """
    content = {
        "label": WORDS,
        "mode": str(mode),
        "note": _NOT_CORRECTED,
        "regions": [
            {
                "region": one.region,
                "method_version": one.method_version,
                "first_week": one.first_week and one.first_week.isoformat(),
                "last_week": one.last_week and one.last_week.isoformat(),
                "weeks": one.weeks,
                "rows": [
                    {
                        "region": one.region,
                        **{name: _field(value) for name, value in asdict(row).items()},
                        "label": WORDS,
                    }
                    for row in one.rows
                ],
            }
            for one in found
        ],
    }
    return (json.dumps(content, indent=1, allow_nan=False) + "\n").encode("utf-8")


def _field(value: object) -> object:
    # Adding 0.0 turns -0.0 into 0.0.
    return round(value, DECIMALS) + 0.0 if isinstance(value, float) else value
