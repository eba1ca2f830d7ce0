"""What the register's review of harms lets the page show."""

from assets.core.errors import StudyError
from resources.base.home import Home
from resources.stores.study.approvals import approved_entries
from resources.stores.study.entry_forms import RisksAndHarms
from resources.stores.study.register import file_of, read_register

SENSITIVE = frozenset({"resistance"})
"""Constructs of which a forecast could be used against workers."""


def withheld_forecasts(home: Home) -> frozenset[str]:
    """Constructs of which no forecast is made public, as long as the review does not allow it."""
    try:
        allowed = read_register(file_of(home)).entry(RisksAndHarms).resistance_forecast
    except StudyError:
        return SENSITIVE
    return frozenset() if allowed else SENSITIVE


def withheld_for_good(home: Home) -> frozenset[str]:
    """Constructs of which what was forecast before may be deleted: an approved review says so.

    A register that can't be read, or that nobody has approved, decides nothing for good.
    """
    try:
        register = read_register(file_of(home))
        allowed = register.entry(RisksAndHarms).resistance_forecast
    except StudyError:
        return frozenset()
    decided = "risks_and_harms" in approved_entries(home, register)
    return SENSITIVE if decided and not allowed else frozenset()
