"""The process that a rehearsal searches: init, consents, deliveries, and the jobs of every morning.

It is started by `orchestration.cli.rehearsal.run` with what to do as JSON on standard input, and
says nothing but codes.
"""

import json
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from assets.core.errors import TidelineError
from assets.core.modes import Mode
from orchestration.cli.delivering import deliver
from orchestration.cli.init import make_home
from orchestration.cli.rehearsal.given import CLOSE_AFTER_DAYS, Given, first_days
from orchestration.cli.run import run_session
from orchestration.cli.session import Session, open_session
from orchestration.runs import raise_for
from resources.base.clock import Clock
from resources.base.files import private_files
from resources.containment.guard import without_text
from resources.containment.hardening import harden
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource
from simulation.consents import made_up_terms

_CONSENT_DAYS = 30


def rehearse_in(root: Path, exports: Sequence[Given], first: date, last: date) -> None:
    """Make a home, deliver the exports by the door of real ones, and run every job on their days.

    Raises:
        TidelineError: what the commands raise, and what a run ended with.
    """
    make_home(
        root,
        Mode.SYNTHETIC,
        first_day=first,
        close_after_days=CLOSE_AFTER_DAYS,
        # Nobody who is invented thinks it over.
        cooling_off_days=0,
        member_bases=(MemberBasis.NOTICE_WITH_OBJECTION,),
    )
    session = open_session(root, Clock())
    for given in exports:
        _deliver(session, given, first)
    raise_for(run_session(session, first, last).first_code)


def _deliver(session: Session, given: Given, first: date) -> None:
    """Record a consent for the export's group, let who comes later opt in, and deliver it."""
    now, told_on = session.clock.now(), first - timedelta(days=1)
    terms = made_up_terms(
        first,
        session.clock.today() + timedelta(days=_CONSENT_DAYS),
        given.region,
        informed_on=told_on,
        notice_version="rehearsal",
    )
    group_ref = session.register.grant(terms, now)
    marker = session.members.marker(group_ref)
    for sender, day in first_days(given).items():
        if day > told_on:
            marks = marker.marks_of(sender)
            session.members.record(
                group_ref, MemberEvent(Saying.OPTED_IN, SayingSource.CHAT, day, marks), now
            )
    deliver(session, group_ref, given.path)


def main() -> int:
    """Do what standard input says. Returns an exit status; the last line of output is the code."""
    harden()
    asked = json.load(sys.stdin)
    exports = [Given(Path(path), region) for path, region in asked["exports"]]
    first, last = (date.fromisoformat(asked[name]) for name in ("first", "last"))
    with private_files():
        try:
            rehearse_in(Path(asked["home"]), exports, first, last)
        except TidelineError as error:
            failure = error
        except Exception as error:  # noqa: BLE001  (its words may be a message's)
            failure = without_text(error)
        else:
            return 0
    sys.stdout.write(f"{failure}\n")
    return failure.entry.exit_status if isinstance(failure, TidelineError) else 1


if __name__ == "__main__":
    sys.exit(main())
