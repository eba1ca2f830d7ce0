"""What an alert holds: a code, whom or what it is about, and where in the web UI to look."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from assets.core.names import PLATFORM_EXPORT
from assets.restricted.collection.checks import CHECKS_OF_REFUSALS
from resources.base.notifier import Fact, Notification
from resources.stores.inbox.collection_records import Fault

KEY_DIGITS = 16
GROUPS_REFUSED = "GROUPS_REFUSED"
_ANY_FAILURE = "type:STEP_FAILURE"
_OF_NO_STEP = "RUN_DIED"


@dataclass(frozen=True)
class Alert:
    """One thing to tell, told once a day however often it is seen.

    Attributes:
        code: of the catalogue, which has the next step.
        day: the day in London that it is told for.
        about: what it is about, such as a group reference; it says when two are the same.
        link: path within the web UI.
    """

    code: str
    day: date
    about: tuple[tuple[str, str], ...]
    link: str = field(compare=False)

    @property
    def key(self) -> str:
        """By which it is known again: hexadecimal digits, from which nothing can be read."""
        told = f"{self.day.isoformat()}|{self.code}|{self.about}"
        return hashlib.sha256(told.encode()).hexdigest()[:KEY_DIGITS]

    @property
    def fact(self) -> Fact:
        """A line of a message."""
        return {**dict(self.about), "look_at": self.link}


@dataclass(frozen=True)
class FailedRun:
    """A run that failed and is not asked for again by itself.

    Attributes:
        run_id: its id.
        job: its job.
        ended_on: the day in London.
        code: what it failed with.
        faults: what it could not do for which group.
    """

    run_id: str
    job: str
    ended_on: date
    code: str
    faults: Sequence[Fault] = ()


def alerts_of_run(run: FailedRun) -> Iterator[Alert]:
    """One for each group and code; one for the run where it is of no group."""
    if run.code == GROUPS_REFUSED and run.faults:
        seen = {(one.group_ref, one.code): one.stage for one in run.faults}
        for (group_ref, code), stage in seen.items():
            link = _link(run.run_id, _shown_by(stage))
            yield Alert(code, run.ended_on, (("group", group_ref),), link)
        return
    log_filter = "" if run.code == _OF_NO_STEP else _ANY_FAILURE
    yield Alert(run.code, run.ended_on, (("job", run.job),), _link(run.run_id, log_filter))


def _shown_by(stage: str) -> str:
    """The filter of a run's log that leaves what names the groups which a stage refused."""
    check = CHECKS_OF_REFUSALS.get(stage)
    return f"step:{stage}_{check[0]}" if check else _ANY_FAILURE


def _link(run_id: str, log_filter: str) -> str:
    """The run's page with nothing in its log but what tells of the fault."""
    page = f"/runs/{run_id}"
    return f"{page}?{urlencode({'logs': log_filter})}" if log_filter else page


def alert_of_overdue(asset: str, day: date) -> Alert:
    """For an asset that was not there by its time, told for a day on which it is still late."""
    return Alert("ASSET_OVERDUE", day, (("asset", asset),), f"/assets/{asset}")


def alert_of_connector(platform: str, code: str, day: date) -> Alert:
    """For a connector that does not work as a whole, told for a day on which it does not."""
    return Alert(code, day, (("connector", platform),), f"/assets/{PLATFORM_EXPORT}")


def messages(alerts: Iterable[Alert]) -> list[tuple[Notification, list[Alert]]]:
    """A message for each code, with the alerts that it tells."""
    by_code: dict[str, list[Alert]] = {}
    for one in dict.fromkeys(alerts):
        by_code.setdefault(one.code, []).append(one)
    return [(Notification(code, [one.fact for one in own]), own) for code, own in by_code.items()]
