"""What reading by worker processes costs beside reading by the run alone, and what a message costs.

    python -m bench.scale_out [--groups 12] [--few 20] [--many 100]

Made-up homes of one region, whose groups have few or many messages on one day, each collected by
`tideline run` from cold: by the run alone, by one worker and by two. Of each: seconds, CPU-seconds
of the command with all its processes and of PostgreSQL, and the largest resident memory of
one process. From few to many messages the difference is what messages cost; the rest is start and
groups. On two processors that others use, seconds say little; CPU-seconds are what is paid for.
"""

import argparse
import io
import os
import random
from datetime import UTC, date, datetime, time, timedelta

from bench.morning import OPEN_DAYS, REGIONS, Cost, command, made_home
from bench.reader import FORMS, NAMES, WORDS
from orchestration.cli.session import open_session
from resources.stores.study.made_up import write_made_up_register
from resources.stores.vectors.scrub_records import ScrubRecords
from simulation.consents import COOLING_OFF, made_up_terms

WAYS = {"alone": 0, "one worker": 1, "two workers": 2}
_GREETED_BEFORE = 40


def chat(seed: int, messages: int, day: date) -> bytes:
    """An Android export of one day's messages, whose writers greeted before they were told."""
    header, end = FORMS["android"]
    chance = random.Random(seed)
    greeted = datetime.combine(day - timedelta(days=_GREETED_BEFORE), time(7))
    lines = [f"{header.format(greeted)}{name}: good morning{end}" for name in NAMES]
    for one in range(messages):
        at = datetime.combine(day, time(7)) + timedelta(minutes=780 * one // messages)
        text = " ".join(chance.choices(WORDS, k=chance.randrange(4, 20)))
        lines.append(f"{header.format(at)}{chance.choice(NAMES)}: {text}{end}")
    return "".join(lines).encode()


def collected(groups: int, messages: int, workers: int) -> Cost:
    """One day of a new home, by so many workers; 0 for the run alone."""
    today = datetime.now(UTC).date()
    yesterday = today - timedelta(days=1)
    with made_home(today - timedelta(days=OPEN_DAYS)) as home:
        session = open_session(home)
        write_made_up_register(session.home, session.home.config.first_day, distributed=True)
        for seed in range(groups):
            terms = made_up_terms(
                today - timedelta(days=20), today + timedelta(days=300), REGIONS[0]
            )
            ref = session.register.grant(terms, session.clock.now() - COOLING_OFF)
            content = io.BytesIO(chat(seed, messages, yesterday))
            session.ways_out.inbox.add(ref, content, session.clock.now())
        os.environ.pop("TIDELINE_DASK", None)
        if workers:
            os.environ |= {"TIDELINE_DASK": "local", "TIDELINE_DASK_WORKERS": str(workers)}
        cost = command(home, "run", "--from", str(yesterday), "--to", str(yesterday))
        read = ScrubRecords(session.database).counts(REGIONS[0], yesterday).messages
        session.database.dispose()
        if sum(read.values()) != groups * messages:
            raise SystemExit(f"{sum(read.values())} messages were read")
        return cost


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--groups", type=int, default=12)
    options.add_argument("--few", type=int, default=20, help="messages of a group's day")
    options.add_argument("--many", type=int, default=100, help="the same")
    chosen = options.parse_args()
    for name, workers in WAYS.items():
        few = collected(chosen.groups, chosen.few, workers)
        many = collected(chosen.groups, chosen.many, workers)
        more = chosen.groups * (chosen.many - chosen.few)
        spent = many.cpu_seconds + many.postgres_cpu_seconds
        spent -= few.cpu_seconds + few.postgres_cpu_seconds
        print(f"{name:12} {chosen.groups} x {chosen.few:4} {few}", flush=True)
        print(f"{name:12} {chosen.groups} x {chosen.many:4} {many}", flush=True)
        print(f"{name:12} {1000 * spent / more:.1f} CPU-ms for each further message", flush=True)


if __name__ == "__main__":
    main()
