"""A home whose members are asked, and groups of which some days were scored."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from assets.core.fortnights import Fortnight
from assets.core.pulse_instrument import PulseInstrument
from assets.restricted.pulse.combining import Combining
from resources.base.database.tables import group_days, pulse_answers, pulse_values, seen_senders
from resources.maintenance.database_setup import as_owner
from resources.stores.consent.consent_terms import Scope
from resources.stores.pulse.pulse_answer import PulseAnswer, seal
from resources.stores.requests.matching import group_code
from resources.stores.study.gate import asked_in_pulse
from resources.stores.study.made_up import write_made_up_register
from simulation.consents import made_up_terms

LONDON = "greater_london"
FORTNIGHT = Fortnight.of(date(2026, 10, 12))
ANSWERED = FORTNIGHT.first + timedelta(days=4)
DUE = FORTNIGHT.last + timedelta(days=3)
SENDERS = 12


@dataclass
class MadePulse:
    """A home, and what is asked there."""

    session: Any
    instrument: PulseInstrument

    @classmethod
    def of(cls, session: Any) -> "MadePulse":
        write_made_up_register(session.home, session.home.config.first_day, pulse=True)
        session.clock.set_to(ANSWERED)
        return cls(session, asked_in_pulse(session.home, session.clock.today()))

    def group(self, employer_ref: str | None = None, **changes: Any) -> str:
        """A group that consented, was read on the first day, and has `SENDERS` senders."""
        given = {"scopes": frozenset(Scope), "review_by": date(2027, 6, 1)} | changes
        terms = made_up_terms(
            date(2026, 9, 1), date(2026, 12, 31), employer_ref=employer_ref, **given
        )
        ref = self.session.register.grant(terms, self.session.clock.now())
        members = self.session.resources["members"]
        with self.session.database.transaction() as connection:
            day = {"region": terms.region, "day": FORTNIGHT.first, "group_ref": ref}
            connection.execute(
                group_days.insert().values(
                    **day, at=self.session.clock.now(), status="scored", export_digest="d"
                )
            )
            senders = [
                {
                    "group_ref": ref,
                    "sender": f"{number:064x}",
                    "first_day": FORTNIGHT.first,
                    "key_check": members._key_check,
                }
                for number in range(SENDERS)
            ]
            connection.execute(seen_senders.insert(), senders)
        return ref

    def employer_of(self, ref: str) -> str:
        return self.session.register.consent(ref).employer_ref

    def code(self, ref: str) -> str:
        return group_code(self.session.resources["members"].marker(ref))

    def answer(
        self, ref: str, count: int, chosen: Any = (3, 3, 3, 3, 3, 1), on: date = ANSWERED
    ) -> None:
        one = PulseAnswer(self.code(ref), self.instrument.digest(), tuple(chosen))
        self.put([seal(one, self.session.home.config.inbox_recipient)] * count, on)

    def put(self, frames: list[bytes], on: date = ANSWERED) -> None:
        # The restricted side may not add any.
        rows = [{"received_on": on, "sealed": one} for one in frames]
        with as_owner(self.session.url) as connection:
            connection.execute(pulse_answers.insert(), rows)

    def combine(self, on: date = DUE) -> dict[str, int]:
        """Counts that are not 0."""
        self.session.clock.set_to(on)
        combining = Combining(self.session.resources["restricted"], self.instrument)
        return {name: count for name, count in combining.run().items() if count}

    def values(self) -> dict[str, Any]:
        """All that was recorded of the fortnight, by region, but the region and the moment."""
        query = sa.select(pulse_values).where(pulse_values.c.fortnight == FORTNIGHT.first)
        with self.session.database.transaction() as connection:
            rows = connection.execute(query.order_by(pulse_values.c.region)).mappings().all()
        return {
            row["region"]: {name: row[name] for name in row if name not in {"region", "at"}}
            for row in rows
        }

    def waiting(self) -> int:
        with self.session.database.transaction() as connection:
            count = sa.select(sa.func.count()).select_from(pulse_answers)
            return connection.execute(count).scalar_one()

    def now(self) -> datetime:
        return self.session.clock.now()
