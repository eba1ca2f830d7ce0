"""What reading by several processes costs beside reading by one run, and what a message costs.

    python -m bench.scale_out [--groups 12] [--few 20] [--many 100] [--older 20000] [--way ...]

Made-up homes of one region, whose groups have few or many messages on one day, or few after many
older ones (as an export of the whole chat has), each collected by `tideline run` from cold: by the
run alone, by one worker and by two, and by two runs of a shard each, side by side. Of each:
seconds, CPU-seconds of all processes and of PostgreSQL, and the largest resident memory of one
process. From few to many messages the difference is what messages cost; the rest is start and
groups. On two processors that others use, seconds say little; CPU-seconds are what is paid for.
"""

import argparse
import io
import os
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

from assets.core.shards import every_shard
from bench.morning import OPEN_DAYS, REGIONS, Cost, command, made_home, postgres_cpu
from bench.morning import chat as long_chat
from bench.reader import FORMS, NAMES, WORDS
from orchestration.cli.session import open_session
from resources.stores.study.made_up import write_made_up_register
from resources.stores.vectors.scrub_records import ScrubRecords
from simulation.consents import COOLING_OFF, made_up_terms

WAYS = {"alone": (0, 1), "one worker": (1, 1), "two workers": (2, 1), "two shards": (0, 2)}
"""Workers of a run, and runs of a shard each."""
_GREETED_BEFORE = 40


def chat(seed: int, messages: int, day: date) -> bytes:
    """An Android export of one day's messages, whose writers greeted before they were told."""
    header, end = FORMS["android"]
    chance = random.Random(seed)
    greeted = datetime.combine(day - timedelta(days=_GREETED_BEFORE), clock_time(7))
    lines = [f"{header.format(greeted)}{name}: good morning{end}" for name in NAMES]
    for one in range(messages):
        at = datetime.combine(day, clock_time(7)) + timedelta(minutes=780 * one // messages)
        text = " ".join(chance.choices(WORDS, k=chance.randrange(4, 20)))
        lines.append(f"{header.format(at)}{chance.choice(NAMES)}: {text}{end}")
    return "".join(lines).encode()


def collected(exports: Sequence[bytes], messages: int, way: str) -> Cost:
    """One day of a new home.

    Args:
        exports: of each group.
        messages: how many each has on that day.
        way: of `WAYS`.
    """
    workers, shards = WAYS[way]
    today = datetime.now(UTC).date()
    yesterday = today - timedelta(days=1)
    with made_home(today - timedelta(days=OPEN_DAYS)) as home:
        session = open_session(home)
        write_made_up_register(
            session.home, session.home.config.first_day, distributed=True, sharded=True
        )
        for content in exports:
            terms = made_up_terms(
                today - timedelta(days=20), today + timedelta(days=300), REGIONS[0]
            )
            ref = session.register.grant(terms, session.clock.now() - COOLING_OFF)
            session.ways_out.inbox.add(ref, io.BytesIO(content), session.clock.now())
        os.environ.pop("TIDELINE_DASK", None)
        if workers:
            os.environ |= {"TIDELINE_DASK": "local", "TIDELINE_DASK_WORKERS": str(workers)}
        words = ("run", "--from", str(yesterday), "--to", str(yesterday))
        parts = [(*words, "--shard", str(one)) for one in every_shard(shards)]
        database, began = postgres_cpu(home), time.monotonic()
        with ThreadPoolExecutor(shards) as side_by_side:
            costs = list(side_by_side.map(lambda part: command(home, *part), parts))
        cost = Cost(
            time.monotonic() - began,
            sum(one.cpu_seconds for one in costs),
            postgres_cpu(home) - database,
            max(one.largest_mib for one in costs),
        )
        read = ScrubRecords(session.database).counts(REGIONS[0], yesterday).messages
        session.database.dispose()
        if sum(read.values()) != len(exports) * messages:
            raise SystemExit(f"{sum(read.values())} messages were read")
        return cost


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--groups", type=int, default=12)
    options.add_argument("--few", type=int, default=20, help="messages of a group's day")
    options.add_argument("--many", type=int, default=100, help="the same")
    options.add_argument("--older", type=int, default=20_000, help="messages before; 0 for none")
    options.add_argument("--way", action="append", choices=WAYS, help="all by default")
    chosen = options.parse_args()
    day, seeds = datetime.now(UTC).date() - timedelta(days=1), range(chosen.groups)
    for name in chosen.way or WAYS:
        spent = []
        for messages in (chosen.few, chosen.many):
            cost = collected([chat(seed, messages, day) for seed in seeds], messages, name)
            spent.append(cost.cpu_seconds + cost.postgres_cpu_seconds)
            print(f"{name:12} {chosen.groups} x {messages:4} {cost}", flush=True)
        more = chosen.groups * (chosen.many - chosen.few)
        each = 1000 * (spent[1] - spent[0]) / more
        print(f"{name:12} {each:.1f} CPU-ms for each further message", flush=True)
        if chosen.older:
            exports = [long_chat(seed, chosen.older, chosen.few, day) for seed in seeds]
            cost = collected(exports, chosen.few, name)
            told = f"{chosen.groups} x {chosen.few:4} after {chosen.older}"
            print(f"{name:12} {told} {cost}", flush=True)


if __name__ == "__main__":
    main()
