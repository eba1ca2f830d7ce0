"""The made-up home: what happens to it, done by what production calls, and what it then holds."""

import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import sqlalchemy as sa

from assets.core.london_time import LONDON
from assets.restricted.release import region_release
from bench.soak import upkeep
from bench.soak.events import Event
from bench.soak.reference import REGIONS
from orchestration.cli.rescore import rescore_day
from orchestration.cli.session import Session, open_session
from orchestration.open_days import due_days, open_days
from orchestration.restricted import restricted_definitions
from orchestration.runs import failure_code, run_job
from resources.base.clock import Clock
from resources.base.database.tables import (
    group_days,
    group_scores,
    ledger,
    regional_values,
    seen_senders,
    vectors,
)
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource
from resources.stores.release.corrections import Corrections, RetractionReason
from simulation.consents import NOTICE, NOTICE_VERSION, made_up_terms


class SimulatedClock(Clock):
    """Stands where it was put, or a moment after what it was asked before."""

    def __init__(self, day: date) -> None:
        self.moment = aware(datetime.combine(day, time()))

    def now(self) -> datetime:
        """The moment."""
        return self.moment

    def put(self, moment: datetime) -> datetime:
        """Stand at a naive moment in London, and say which that is."""
        self.moment = aware(moment)
        return self.moment


def aware(moment: datetime) -> datetime:
    """A naive moment in London, in UTC."""
    return moment.replace(tzinfo=LONDON).astimezone(UTC)


@dataclass
class Site:
    """A home of the two regions, opened under a simulated clock.

    Attributes:
        session: of the home.
        clock: its clock.
        instance: its Dagster instance.
        model: of the scores, whose version tells which of several it is.
        refs: group references by the reference model's numbers.
        drawn: person-days that went into each draw since it was last asked.
        lost: region-days whose draw a kill has lost; none without a fault.
        sees_all: whether every draw is made in this process.
    """

    session: Session
    clock: SimulatedClock
    instance: dg.DagsterInstance
    model: Any
    refs: dict[int, str] = field(default_factory=dict)
    drawn: list[int] = field(default_factory=list)
    lost: set[tuple[str, date]] = field(default_factory=set)
    sees_all: bool = True

    def __post_init__(self) -> None:
        """Open what the commands and the schedules open."""
        self._opened = ExitStack()
        self._open()
        self.base_version = self.model.version
        self.change_model(1)

    def _open(self) -> None:
        self.resources = self.session.resources
        self.definitions = restricted_definitions(self.session.home, self.clock)

    def close(self) -> None:
        """Let go of the home, as who stops its processes."""
        self.instance.dispose()
        self._opened.close()
        self.session.database.dispose()

    def reopen(self) -> None:
        """Open the home at its place, with a Dagster that has shown that it is sealed."""
        self.session = open_session(self.session.home.root, self.clock)
        self.instance = self._opened.enter_context(self.session.instance())
        self._open()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Let the totals of each draw be noted in memory, and the model in use be changed."""
        real = region_release.draw

        def draw(totals: Any, micro_rho: int) -> Any:
            self.drawn.append(totals.person_days)
            return real(totals, micro_rho)

        with (
            patch.object(region_release, "draw", draw),
            patch("assets.restricted.scoring.asset.load_construct_model", lambda: self.model),
        ):
            yield

    # What happens.

    def apply(self, event: Event) -> str:
        """Let it happen. Returns the digest of a delivered file."""
        now = self.clock.put(event.at)
        do: dict[str, Callable[[Event, datetime], str | None]] = {
            "join": self._join,
            "deliver": self._deliver,
            "renew": self._renew,
            "rescore": self._rescore,
            "retract": self._retract,
            "object": self._object,
            "backup": self._backup,
            "restore": self._restore,
            "upgrade": self._upgrade,
        }
        ref = self.refs.get(event.group, "")
        if event.what == "withdraw":
            assert not self.session.ways_out.leaving.withdraw(ref, now).failures
        elif event.what == "purge":
            assert not self.session.ways_out.leaving.purge(ref, now).failures
        elif event.what == "notice":
            self.session.register.notice(ref, event.at.date(), NOTICE_VERSION, NOTICE, now)
        elif event.what in do:
            return do[event.what](event, now) or ""
        return ""

    def change_model(self, number: float) -> None:
        """Score by another model from now on."""
        self.model = self._model(number)

    def _model(self, number: float) -> Any:
        return replace(self.model, version=self.version(number))

    def version(self, number: float) -> str:
        """Of the model with this number."""
        return f"soak-{number}-{self.base_version}"[:40]

    def _join(self, event: Event, now: datetime) -> None:
        terms = made_up_terms(event.at.date(), event.until, event.region)
        self.refs[event.group] = self.session.register.grant(terms, now)

    def _renew(self, event: Event, now: datetime) -> None:
        today, register = event.at.date(), self.session.register
        known = register.consent(self.refs[event.group])
        first = known.valid_from if known.runs_on(today) else today
        terms = made_up_terms(first, event.until, known.region, informed_on=today - COOLED)
        register.renew(known.group_ref, terms, now)

    def _deliver(self, event: Event, now: datetime) -> str:
        assert event.export is not None
        sealed = self.resources["inbox"].add(
            self.refs[event.group], io.BytesIO(event.export.content), now
        )
        if event.export.damage == "cut seal":
            path = Path(sealed.path)
            path.write_bytes(path.read_bytes()[:-20])
        return sealed.digest

    def _object(self, event: Event, now: datetime) -> None:
        ref, members = self.refs[event.group], self.session.members
        marks = members.marker(ref).marks_of(event.person)
        said = MemberEvent(Saying.OBJECTED, SayingSource.COMMAND, event.at.date(), marks)
        members.record(ref, said, now)

    def _rescore(self, event: Event, now: datetime) -> None:  # noqa: ARG002  (as the others)
        number = float(self.model.version.split("-")[1]) + 0.5
        _, codes = rescore_day(self.session, event.day, (event.region,), self._model(number))
        assert not codes, codes

    def _retract(self, event: Event, now: datetime) -> None:
        reason = RetractionReason.SCORING_ERROR
        Corrections(self.session.database).retract(
            event.region, event.day, event.day, reason, "soak", now
        )

    def _backup(self, event: Event, now: datetime) -> None:  # noqa: ARG002  (as the others)
        upkeep.write_backup(self.session)

    def _restore(self, event: Event, now: datetime) -> None:  # noqa: ARG002  (as the others)
        self.close()
        upkeep.lose_and_restore(self.session.home, self.session, self.clock)
        self.reopen()

    def _upgrade(self, event: Event, now: datetime) -> None:  # noqa: ARG002  (as the others)
        self.close()
        upkeep.migrate_from(self.session, event.version)
        self.reopen()

    # A morning.

    def collect(self, region: str) -> str | None:
        """As the schedule asks for it. Returns its code."""
        settings, locks = self.session.home.config, self.resources["region_day_locks"]
        days = open_days(region, self.clock.today(), settings, locks)
        return self._run("collect", region, days) if days else None

    def release(self, region: str) -> str | None:
        """As the schedule asks for it. Returns its code."""
        return self.release_days(region, self.due(region))

    def due(self, region: str) -> list[date]:
        """The days that the schedule asks for."""
        settings, locks = self.session.home.config, self.resources["region_day_locks"]
        return due_days(region, self.clock.today(), settings, locks, self.session.register)

    def release_days(self, region: str, days: list[date]) -> str | None:
        """As somebody asks for who knows the days. Returns its code."""
        return self._run("release", region, days) if days else None

    def lifetimes(self) -> str | None:
        """The hourly job, once. Returns its code."""
        job = self.definitions.resolve_job_def("lifetimes")
        done = job.execute_in_process(instance=self.instance, raise_on_error=False)
        return None if done.success else failure_code(done.all_events)

    def _run(self, job: str, region: str, days: list[date]) -> str | None:
        return run_job(
            self.definitions, job, self.instance, region=region, first=days[0], last=days[-1]
        )

    # What it holds.

    def noisy(self, region: str, day: date) -> int | None:
        """The noisy person-days that were drawn of a region-day; None if none were."""
        drawn = self.resources["release_store"].drawn(region, [day])
        return next((one.person_days for one in drawn.values()), None)

    def held(self) -> dict[str, Any]:
        """What there is, by the names that the comparison has; see `compared`."""
        number = {ref: one for one, ref in self.refs.items()}
        group_day = ("region", "day", "group_ref")

        def keyed(table: sa.Table, where: Any = None) -> set[tuple[str, date, int]]:
            columns: list[Any] = [table.c[name] for name in group_day]
            query = sa.select(*columns).distinct()
            found = connection.execute(query if where is None else query.where(where))
            rows: list[Any] = list(found)
            return {(region, day, number[ref]) for region, day, ref in rows}

        home, inbox = self.session.home, self.resources["inbox"]
        with self.session.database.transaction() as connection:
            columns: list[Any] = [group_days.c[name] for name in (*group_day, "status")]
            statuses: list[Any] = list(connection.execute(sa.select(*columns)))
            found: dict[str, Any] = {
                "settled": {((r, d, number[g]), status) for r, d, g, status in statuses},
                "vectors": keyed(vectors, vectors.c.destroyed.is_(False)),
                "scores": keyed(group_scores),
                "senders": {
                    number[ref]
                    for ref in connection.execute(
                        sa.select(seen_senders.c.group_ref).distinct()
                    ).scalars()
                },
                "ledger": Counter(
                    {
                        row.kind: int(row.total)
                        for row in connection.execute(
                            sa.select(
                                ledger.c.kind, sa.func.sum(ledger.c.count).label("total")
                            ).group_by(ledger.c.kind)
                        )
                    }
                ),
                "values": {
                    (row.region, row.day, row.construct, row.revision): tuple(row)
                    for row in connection.execute(sa.select(regional_values))
                },
            }
        found["consents"] = {
            (number[ref], one.active, one.valid_until)
            for ref, one in self.session.register.consents().items()
        }
        found["files"] = {
            (one, file.digest) for one, ref in self.refs.items() for file in inbox.list(ref)
        }
        found["outcomes"] = {
            ((region, day), *outcome)
            for region in REGIONS
            for day, outcome in self.resources["release_store"].outcomes(region).items()
        }
        found["vector files"] = _files(home.vectors)
        found["keys"] = _files(home.keys)
        return found

    def scored(self, region: str, day: date) -> dict[int, tuple[int, int]]:
        """People and messages of each group that was scored, by its number."""
        number = {ref: one for one, ref in self.refs.items()}
        opened = self.resources["score_store"].of_region_day(region, day)
        return {number[ref]: (one[0].person_days, one[0].messages) for ref, one in opened.items()}

    def models(self, region: str, day: date) -> dict[int, frozenset[str]]:
        """Versions of the models that scored each group of a region-day."""
        number = {ref: one for one, ref in self.refs.items()}
        found = self.resources["score_store"].model_versions(region, day)
        return {number[ref]: versions for ref, versions in found.items()}


COOLED = timedelta(days=7)


def _files(folder: Path) -> int:
    return sum(one.is_file() for one in folder.rglob("*"))
