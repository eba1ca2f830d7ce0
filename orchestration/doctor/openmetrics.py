"""What doctor found as OpenMetrics text, for a monitoring system to fetch from a file."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest

from orchestration.doctor.finding import Finding, Item, Severity, exit_status

_LEVELS = {Severity.NOT_LOOKED_AT: 1, Severity.WARNING: 1, Severity.FAULT: 2}


class _Found:
    """What was found, as a collector of the library's."""

    def __init__(self, found: Iterable[Finding], at: float) -> None:
        self._found, self._at = list(found), at

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Levels of all items, findings by code, the whole, and when it was looked."""
        items = GaugeMetricFamily(
            "tideline_doctor_item", "0 well, 1 warning or not looked at, 2 fault.", labels=["item"]
        )
        for item in Item:
            levels = [_LEVELS[one.severity] for one in self._found if one.item is item]
            items.add_metric([item.value], max(levels, default=0))
        codes: dict[tuple[str, str, str], int] = {}
        for one in self._found:
            key = (one.item.value, one.code, one.severity.value)
            codes[key] = codes.get(key, 0) + 1
        findings = GaugeMetricFamily(
            "tideline_doctor_findings",
            "How many findings of a code.",
            labels=["item", "code", "severity"],
        )
        for labels, count in codes.items():
            findings.add_metric(labels, count)
        whole = GaugeMetricFamily("tideline_doctor_status", "0 well, 1 warnings, 2 faults.")
        whole.add_metric([], exit_status(self._found))
        at = GaugeMetricFamily(
            "tideline_doctor_looked_at_seconds", "When it looked.", unit="seconds"
        )
        at.add_metric([], self._at)
        return [items, findings, whole, at]


def openmetrics(found: Iterable[Finding], at: float) -> str:
    """The text.

    Args:
        found: all findings; none of their facts is told, so no group reference is.
        at: seconds since 1970, UTC.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Found(found, at))
    return generate_latest(registry).decode()
