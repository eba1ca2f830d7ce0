"""The one gate: asked before anything is read, scored, released or published, when it runs.

Leaving, lifetimes and taking back what was published don't ask it.
"""

from collections.abc import Sequence
from datetime import date

from assets.core.errors import StudyError
from assets.core.modes import Mode
from assets.core.pulse_instrument import PulseInstrument
from assets.core.study_entries import (
    DISTRIBUTED_PROCESSING,
    GROUP_SHARDS,
    PULSE,
    REGISTER,
    Action,
)
from resources.base.home import Home
from resources.stores.study.entry_forms import (
    DistributedProcessing,
    GroupShards,
    PeerReview,
    Pulse,
)
from resources.stores.study.register import file_of, read_register
from resources.stores.study.standing import Finding, findings

CODES = frozenset(
    {
        "STUDY_REGISTER_MISSING",
        "STUDY_REGISTER_UNREADABLE",
        "STUDY_REGISTER_MADE_UP",
        "STUDY_ENTRY_MISSING",
        "STUDY_ENTRY_INCOMPLETE",
        "STUDY_ENTRY_REFUSED",
        "STUDY_ENTRY_DRAFT",
        "STUDY_ENTRY_UNREVIEWED",
        "STUDY_ENTRY_UNAPPROVED",
        "STUDY_ENTRY_OVERDUE",
        "STUDY_ENTRY_CONTRADICTED",
        "NOTICE_CONTRADICTED",
        "NOTICE_LACKS",
        "CONTACT_IS_PLACEHOLDER",
        "PLATFORM_TERMS_CHANGED",
        "PLATFORM_TERMS_UNCHECKED",
    }
)
"""What the register stops an action with."""


def stops(home: Home, action: Action, today: date) -> list[Finding]:
    """What of the home's register stops an action on a day; empty if it may go on.

    A home for a first look (`discovery`) has conditions of its own and no register.
    """
    if home.config.mode is Mode.DISCOVERY:
        return []
    try:
        register = read_register(file_of(home))
    except StudyError as error:
        return [Finding(error.entry_name, error.code)]
    return [one for one in findings(home, register, today) if action in one.stops]


def stops_pulse(home: Home, today: date) -> list[Finding]:
    """What of the home's register keeps the pulse off on a day; empty if members may be asked.

    A register without the entry `pulse` keeps it off by that, and stops nothing else.
    """
    return _stops_optional(home, PULSE, today)


def require_shared(home: Home, today: date, *, on_other_machines: bool) -> None:
    """Let other processes than the run's read groups only where the register has that they may.

    Args:
        home: the home; one of mode `discovery` has no register, and reads alone.
        today: the day.
        on_other_machines: whether they may be on other machines than the run.

    Raises:
        StudyError: the first of what keeps it off, with the entry's name.
    """
    _require_where(home, DISTRIBUTED_PROCESSING, DistributedProcessing, today, on_other_machines)


def require_sharded(home: Home, today: date, *, on_other_machines: bool) -> None:
    """Let runs share a region's groups only where the register has that they may.

    Args:
        home: the home; in one of mode `discovery`, without a register, one run reads all.
        today: the day.
        on_other_machines: whether they may be on other machines than Tideline's own.

    Raises:
        StudyError: the first of what keeps it off, with the entry's name.
    """
    _require_where(home, GROUP_SHARDS, GroupShards, today, on_other_machines)


def _require_where(
    home: Home,
    name: str,
    form: type[DistributedProcessing | GroupShards],
    today: date,
    on_other_machines: bool,
) -> None:
    found = _stops_optional(home, name, today)
    if found:
        raise StudyError(found[0].code, found[0].entry, found[0].detail)
    allowed = read_register(file_of(home)).entry(form)
    if on_other_machines and allowed.where != "several_machines":
        raise StudyError("STUDY_ENTRY_CONTRADICTED", name)


def _stops_optional(home: Home, name: str, today: date) -> list[Finding]:
    if home.config.mode is Mode.DISCOVERY:
        return [Finding(name, "STUDY_ENTRY_MISSING")]
    try:
        register = read_register(file_of(home))
    except StudyError as error:
        return [Finding(error.entry_name, error.code)]
    if name not in register.entries:
        return [Finding(name, "STUDY_ENTRY_MISSING")]
    return [one for one in findings(home, register, today) if one.entry in {name, REGISTER}]


def asked_in_pulse(home: Home, today: date) -> PulseInstrument:
    """What members are asked.

    Raises:
        StudyError: the first of `stops_pulse`, with the entry's name.
    """
    found = stops_pulse(home, today)
    if found:
        raise StudyError(found[0].code, found[0].entry, found[0].detail)
    return read_register(file_of(home)).entry(Pulse).as_asked()


def require(home: Home, action: Action, today: date) -> None:
    """Let an action go on only where the home's register stands.

    Raises:
        StudyError: the first of `stops`, with the entry's name.
    """
    found = stops(home, action, today)
    if found:
        raise StudyError(found[0].code, found[0].entry, found[0].detail)


def require_reviewed(home: Home, method_version: str) -> None:
    """Let values be drawn only by a release method that the study's peer review examined.

    Raises:
        StudyError: `STUDY_ENTRY_CONTRADICTED` of `peer_review`, and what `read_register` and
            `Register.entry` raise.
    """
    if home.config.mode is not Mode.STUDY:
        return
    if method_version not in read_register(file_of(home)).entry(PeerReview).methods:
        raise StudyError("STUDY_ENTRY_CONTRADICTED", entry="peer_review")


def require_one_of(home: Home, actions: Sequence[Action], today: date) -> None:
    """Refuse where the register stops every one of some actions.

    Raises:
        StudyError: as `require`, for the first of them.
    """
    if all(stops(home, one, today) for one in actions):
        require(home, actions[0], today)
