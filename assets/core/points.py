"""The id of a public point: what it is called in every release, and in its evidence."""

from datetime import date


def point_id(region: str, day: date, construct: str, revision: int) -> str:
    """The id of a construct's point of a region-day, such as `greater_london-2026-10-12-burnout-0`.

    It is made of what the point is and of nothing else, so that each later release gives it the
    same, and it can stand in an address as it is.

    Args:
        region: region id, lower-case letters and `_`.
        day: the day.
        construct: burnout, resilience or resistance.
        revision: from 0.
    """
    return f"{region}-{day.isoformat()}-{construct}-{revision}"
