"""Which region-days the routine works on: those not closed, as far back as scores are kept."""

from datetime import date, timedelta

from assets.restricted.release.closing import may_close
from orchestration.partitions import days_between
from resources.base.home import HomeConfig
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.region_days import RegionDays


def open_days(region: str, today: date, settings: HomeConfig, locks: RegionDays) -> list[date]:
    """Days up to yesterday that the region has not closed; older ones need `tideline run`."""
    first = max(settings.first_day, today - timedelta(days=settings.score_lifetime_days))
    if first >= today:
        return []
    days = days_between(first, today - timedelta(days=1))
    closed = locks.closed(region, days)
    return [day for day in days if day not in closed]


def due_days(
    region: str, today: date, settings: HomeConfig, locks: RegionDays, register: ConsentRegister
) -> list[date]:
    """Open days that may close, from the first day that any group of the region consented to."""
    consented = [one.valid_from for one in register.consents(region).values()]
    if not consented:
        return []
    return [
        day
        for day in open_days(region, today, settings, locks)
        if day >= min(consented) and may_close(day, today, settings.close_after_days)
    ]
