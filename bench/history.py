"""What reading one new day of a chat costs, by how many older messages its export holds.

    python -m bench.history --older 2000 200000

A made-up home, and a group whose phone exports the whole chat each day. The first day is collected,
and so many more as `--times` says; these are measured, in CPU-seconds of this process: `read` is
what both steps do until they have the day's messages (open, unseal, read, roll call), `step` is it
with scrubbing, the gate and embedding, as `collect` runs them. `deliver` is what sealing the file
takes, once the door has read it whole: making a chronicle of it where its platform needs one, and
age. Medians.
"""

import argparse
import base64
import hashlib
import io
import json
import os
import random
import secrets
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, BinaryIO

from assets.core.modes import Mode
from assets.restricted.collection.chronicle import chronicle
from assets.restricted.collection.group_reading import GroupReading
from assets.restricted.scrubbing.group_step import GroupStep
from assets.restricted.scrubbing.scrubber import Scrubber
from assets.restricted.scrubbing.step_counts import StepCounts
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary
from bench.json_reader import HEADER, ONE, OPENINGS, PEOPLE
from bench.reader import FORMS, LRM, NAMES, WORDS
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from resources.models.narrow_encoder import load_narrow_encoder
from resources.wiring.context import RestrictedContext
from simulation.consents import COOLING_OFF, made_up_terms

REGION = "greater_london"
A_DAY = 60
"""Messages."""
A_FILE = 10_000
"""Messages, as Meta splits a thread, from the newest on."""
SPLIT = {
    "messenger files": "your_activity_across_facebook/messages/inbox",
    "instagram files": "your_instagram_activity/messages/inbox",
}
PACKED = {
    "telegram zip": "result.json",
    "messenger zip": "your_activity_across_facebook/messages/inbox/n_1/message_1.json",
    "discord zip": "n.json",
    "signal zip": "main.jsonl",
    "teams zip": "teams.jsonl",
}
PLATFORM = {
    **dict.fromkeys(("android", "ios", "ios zip"), "whatsapp"),
    **{form: form for form in ONE},
    "encrypted": "messenger",
    "matrix": "matrix",
    **{form: form.partition(" ")[0] for form in (*SPLIT, *PACKED)},
}


def said(older: int, new: date) -> Iterator[tuple[datetime, int, str]]:
    """When, who and what: `A_DAY` messages each day up to `new`, from the same day every time."""
    chance = random.Random(11)
    first = datetime.now(UTC).date() - timedelta(days=older // A_DAY + 2)
    for day in (first + timedelta(days=one) for one in range((new - first).days + 1)):
        for number in range(A_DAY):
            at = datetime(day.year, day.month, day.day, 6, 5) + timedelta(minutes=15 * number)
            text = " ".join(chance.choices(WORDS, k=chance.randrange(3, 22)))
            yield at, chance.randrange(len(NAMES)), text


def whatsapp(form: str, older: int, new: date) -> bytes:
    """A phone's export up to the end of a day."""
    header, end = FORMS[form]
    chance, lines = random.Random(12), []
    for at, who, text in said(older, new):
        body, lead, kind = text, "", chance.random()
        if kind < 0.06:
            body = "<Media omitted>" if form == "android" else f"{LRM}image omitted"
            lead = "" if form == "android" else LRM
        elif kind < 0.10:
            body += "\n" + WORDS[who]
        elif kind > 0.995:
            lines.append(f"{header.format(at)}{NAMES[who]} added {NAMES[-1]}{end}")
        lines.append(f"{lead}{header.format(at)}{NAMES[who]}: {body}{end}")
    return "".join(lines).encode()


def export(form: str, older: int, new: date) -> bytes:
    """An export of the whole chat."""
    if form in (*ONE, "encrypted", "matrix", *SPLIT):
        return of_fields(form, older, new)
    if form in PACKED:
        return packed({PACKED[form]: of_fields(form.partition(" ")[0], older, new)})
    if form != "ios zip":
        return whatsapp(form, older, new)
    return packed({"_chat.txt": whatsapp("ios", older, new)})


def of_fields(form: str, older: int, new: date) -> bytes:
    """An export of the whole chat whose entries have fields, as each platform writes it."""
    days = {day: held for day, held in written(form, older).items() if day <= new}
    held = [one for own in days.values() for one in own]
    if form == "slack":
        users = [{"id": f"U{who}", "profile": {"real_name": one}} for who, one in enumerate(NAMES)]
        each = {f"n/{day}.json": b"[" + b",".join(own) + b"]" for day, own in days.items()}
        return packed({"users.json": json.dumps(users).encode(), **each})
    if form in SPLIT:
        held.reverse()
        opening = {**OPENINGS["messenger"], "title": "n", "thread_path": "inbox/n_1"}
        parts = [held[start : start + A_FILE] for start in range(0, len(held), A_FILE)]
        return packed(
            {
                f"{SPLIT[form]}/n_1/message_{number}.json": document(opening, one)
                for number, one in enumerate(parts, 1)
            }
        )
    if form == "encrypted":
        return document({"participants": list(NAMES), "threadName": "n_1"}, held[::-1])
    if form in OPENINGS:
        opening = dict(OPENINGS[form])
        if form == "discord":
            opening["exportedAt"] = f"{new}T23:59:00.1234567+00:00"
        return document(opening, held[::-1] if form == "messenger" else held)
    platform = {"platform": "matrix"} if form == "matrix" else {}
    lines: list[Any] = [{**HEADER, **platform, "to": f"{new + timedelta(days=1)}T00:00:00Z"}]
    if form == "signal":
        lines = [{**PEOPLE[0], "backupTimeMs": str(new.toordinal() * 86_400_000)}, *PEOPLE[1:]]
    return b"\n".join([*(json.dumps(one).encode() for one in lines), *held, b""])


@lru_cache(maxsize=2)
def written(form: str, older: int) -> Mapping[date, list[bytes]]:
    """All messages up to yesterday, by day, each as its platform writes it."""
    days: dict[date, list[bytes]] = {}
    indent = 1 if form in (*OPENINGS, *SPLIT, "encrypted", "slack") else None
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    for number, (at, who, text) in enumerate(said(older, yesterday), 1):
        one = entry(form, number, at.replace(tzinfo=UTC), who, text)
        days.setdefault(at.date(), []).append(json.dumps(one, indent=indent).encode())
    return days


def document(opening: Mapping[str, Any], held: Sequence[bytes]) -> bytes:
    """A JSON document whose messages come last."""
    before = json.dumps(opening, indent=1)[:-2].encode()
    return b"".join([before, b',\n "messages": [\n', b",\n".join(held), b"\n ]\n}\n"])


def entry(form: str, number: int, at: datetime, who: int, text: str) -> Any:
    """One message as its platform writes it."""
    if form in SPLIT:
        return ONE["messenger"](number, at, who, text)
    if form == "encrypted":
        return {
            "isUnsent": False,
            "media": [],
            "reactions": [],
            "senderName": NAMES[who],
            "text": text,
            "timestamp": int(at.timestamp() * 1000),
            "type": "text",
        }
    if form == "matrix":
        # Its ids tell no order.
        digest = hashlib.sha256(b"%d" % number).digest()
        return {
            **ONE["teams"](number, at, who, text),
            "id": f"${base64.urlsafe_b64encode(digest).decode()}",
        }
    return ONE[form](number, at, who, text)


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


class Spent:
    """CPU-seconds of this process inside the calls of a method."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def inside(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, its time counted."""

        @wraps(method)
        def counted(*args: Any, **options: Any) -> Any:
            start = time.process_time()
            try:
                return method(*args, **options)
            finally:
                self.seconds += time.process_time() - start

        return counted


def collect(session: Session, restricted: RestrictedContext, ref: str, day: date) -> None:
    """Both steps of one group-day as `collect` runs them, without Dagster around them."""
    vocabulary, digest = load_vocabulary()
    tally = StepCounts(secrets.token_hex(8))
    GroupReading(
        restricted.inbox,
        restricted.records,
        restricted.members,
        restricted.register.consent(ref),
        cooling_off=restricted.settings.cooling_off,
        now=session.clock.now(),
    ).group_exports()
    GroupStep(restricted, digest, "0" * 64, "0" * 64).collect_group(
        REGION, ref, [day], [], vocabulary, tally
    )
    if tally.faults:
        raise SystemExit(f"nothing was read: {[one.code for one in tally.faults]}")


def granted(session: Session, form: str) -> str:
    """A group that may be read."""
    today = datetime.now(UTC).date()
    terms = made_up_terms(
        today - timedelta(days=20), today + timedelta(days=300), platform=PLATFORM[form]
    )
    return session.register.grant(terms, session.clock.now() - COOLING_OFF)


def measured(session: Session, ref: str, came: BinaryIO, day: date) -> tuple[float, ...]:
    """CPU-seconds of reading, of the whole step, and of sealing, for one new day."""
    start = time.process_time()
    session.ways_out.inbox.add(ref, chronicle(came), session.clock.now())
    delivered = time.process_time() - start
    reading, start = Spent(), time.process_time()
    kept = GroupReading.group_exports, GroupReading.messages
    GroupReading.group_exports = reading.inside(kept[0])  # type: ignore[method-assign]
    GroupReading.messages = reading.inside(kept[1])  # type: ignore[method-assign]
    collect(session, session.resources["restricted"], ref, day)
    took = time.process_time() - start
    GroupReading.group_exports, GroupReading.messages = kept  # type: ignore[method-assign]
    return reading.seconds, took, delivered


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--older", type=int, nargs="+", default=[2_000, 200_000])
    options.add_argument("--form", choices=PLATFORM, nargs="+", default=list(PLATFORM))
    options.add_argument("--times", type=int, default=5)
    chosen = options.parse_args()
    # Loaded once a morning, however many groups there are.
    Scrubber.load()
    load_narrow_encoder()
    with tempfile.TemporaryDirectory(
        prefix="tideline-history-", ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        os.environ["TIDELINE_HOME"] = str(home)
        make_home(home, Mode.SYNTHETIC, first_day=datetime.now(UTC).date() - timedelta(days=60))
        session = open_session()
        today = datetime.now(UTC).date()
        for form in chosen.form:
            groups = {older: granted(session, form) for older in chosen.older}
            found: dict[int, list[tuple[float, ...]]] = {older: [] for older in groups}
            # By turns, for what else the machine does changes from minute to minute.
            for back in range(chosen.times + 1, 0, -1):
                day = today - timedelta(days=back)
                for older, ref in groups.items():
                    came = io.BytesIO(export(form, older, day))
                    found[older].append(measured(session, ref, came, day))
            least: list[float] = []
            for older, each in found.items():
                # The first day was read whole.
                middle = [statistics.median(column) for column in zip(*each[1:], strict=True)]
                read, step, deliver = middle
                least = least or middle
                told = f"read {read:6.3f} s ({read / least[0]:5.2f} times)  step {step:6.3f} s"
                told += f" ({step / least[1]:5.2f} times)  deliver {deliver:6.3f} s"
                print(f"{form:15} {older:8,} older: {told}", flush=True)


if __name__ == "__main__":
    main()
