"""What makes a hash chain valid, in the standard library alone.

A row's commitment is the SHA-256 of 32 random bytes, the salt, and of its table, its key and what
it says. Links are made of the link before, their number and a commitment. What members said has a
chain of its own, of one batch a day: so many commitments, of which fillers are most. A day's head
is made of the last link, the last batch and 32 random bytes, so that nothing can be read off it.

`tideline verify` asks these functions, and this file lies in every audit bundle: run by itself, in
any Python from 3.11 on, it verifies the bundle that it lies in.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

BATCH = 64
"""Commitments in a batch, fillers among them (issue 19)."""

SUMS = "manifest-sha256.txt"
"""The list of a bundle's files and their SHA-256."""

_FIRST = sha256(b"tideline chain").digest()
_FIRST_BATCH = sha256(b"tideline members").digest()
_DIGEST = 32


class Fault(StrEnum):
    """What is not as it was recorded; each is a code of `docs/errors.md`."""

    ROW_CHANGED = "CHAIN_ROW_CHANGED"
    ROW_MISSING = "CHAIN_ROW_MISSING"
    ROW_NOT_CHAINED = "CHAIN_ROW_NOT_CHAINED"
    BROKEN = "CHAIN_BROKEN"
    CUT_OFF = "CHAIN_CUT_OFF"
    HEAD_DIFFERS = "CHAIN_HEAD_DIFFERS"
    HEAD_UNKNOWN = "CHAIN_HEAD_UNKNOWN"
    MEMBERS_CHANGED = "CHAIN_MEMBERS_CHANGED"
    BUNDLE_CHANGED = "BUNDLE_CHANGED"
    HEAD_AHEAD = "CHAIN_HEAD_AHEAD"
    VALUE_WITHOUT_DRAW = "CHAIN_VALUE_WITHOUT_DRAW"


@dataclass(frozen=True)
class Link:
    """A link of the chain.

    Attributes:
        number: its place; the first is 1.
        commitment: what it links, 32 bytes; None where nothing has that entry.
        before: the link before.
        link: itself.
    """

    number: int
    commitment: bytes | None
    before: bytes
    link: bytes


@dataclass(frozen=True)
class Batch:
    """A day's commitments to what members said.

    Attributes:
        number: its place; the first is 1.
        commitments: `BATCH` times 32 bytes.
        before: the batch before.
        link: itself.
    """

    number: int
    commitments: bytes
    before: bytes
    link: bytes


@dataclass(frozen=True)
class Opening:
    """What a day's head is made of.

    Attributes:
        day: ISO date.
        number: of the last link; 0 for none.
        batch: number of the last batch.
        nonce: 32 random bytes.
    """

    day: str
    number: int
    batch: int
    nonce: bytes


def commitment(salt: bytes, table: str, key: str, content: str) -> bytes:
    """The commitment to a row, 32 bytes.

    Args:
        salt: 32 bytes.
        table: with its schema.
        key: the row's, a JSON list.
        content: the row as JSON, without empty columns.
    """
    return sha256(salt + "\n".join((table, key, content)).encode()).digest()


def member_commitment(salt: bytes, content: str) -> bytes:
    """The commitment to a member event, 32 bytes; that to a filler is of the word `filler`."""
    return sha256(salt + content.encode()).digest()


def faults_of_links(links: Iterable[Link]) -> Iterator[Fault]:
    """What is wrong with the chain: a gap, another order, two that follow one, another content.

    Args:
        links: all of them, by number.
    """
    before = _FIRST
    for number, one in enumerate(links, 1):
        made_of = before + number.to_bytes(8, "big") + (one.commitment or b"")
        if (
            one.number != number
            or one.commitment is None
            or one.before != before
            or one.link != sha256(made_of).digest()
        ):
            yield Fault.BROKEN
            return
        before = one.link


def faults_of_batches(batches: Iterable[Batch]) -> Iterator[Fault]:
    """What is wrong with the members' chain.

    Args:
        batches: all of them, by number.
    """
    before = _FIRST_BATCH
    for number, one in enumerate(batches, 1):
        made_of = before + number.to_bytes(8, "big") + one.commitments
        if (
            one.number != number
            or len(one.commitments) != BATCH * _DIGEST
            or one.before != before
            or one.link != sha256(made_of).digest()
        ):
            yield Fault.BROKEN
            return
        before = one.link


def head_of(
    opening: Opening, links: Mapping[int, bytes], batches: Mapping[int, bytes]
) -> str | None:
    """The head of a day, 64 hex digits; None where the chain ends before it.

    Args:
        opening: what it is made of.
        links: each link by its number.
        batches: each batch's link by its number.
    """
    link = links.get(opening.number) if opening.number else _FIRST
    batch = batches.get(opening.batch)
    if link is None or batch is None:
        return None
    words = f"tideline head {opening.day}".encode()
    return sha256(words + link + batch + opening.nonce).hexdigest()


def faults_of_heads(
    openings: Iterable[Opening],
    heads: Mapping[str, str],
    links: Mapping[int, bytes],
    batches: Mapping[int, bytes],
    latest: str = "9",
) -> Iterator[Fault]:
    """What is wrong with the heads that the chain itself knows.

    Args:
        openings: of all days.
        heads: each day's, as it is public.
        links: each link by its number.
        batches: each batch's link by its number.
        latest: the last day that may have one, an ISO date.
    """
    opened = set()
    for one in openings:
        if one.day > latest:
            yield Fault.HEAD_AHEAD
        opened.add(one.day)
        made = head_of(one, links, batches)
        if made is None:
            yield Fault.CUT_OFF
        elif heads.get(one.day) != made:
            yield Fault.HEAD_DIFFERS
    if set(heads) - opened:
        yield Fault.HEAD_DIFFERS


def faults_of_published_heads(
    published: Iterable[tuple[str, str]], heads: Mapping[str, str]
) -> Iterator[Fault]:
    """What is wrong with heads that were seen outside: in manifests, or noted by somebody.

    Args:
        published: pairs of ISO date and head.
        heads: each day's, by the chain.
    """
    for day, head in published:
        if day not in heads:
            yield Fault.HEAD_UNKNOWN
        elif heads[day] != head:
            yield Fault.HEAD_DIFFERS


def faults_of_bundle(folder: Path, noted: Iterable[tuple[str, str]] = ()) -> Iterator[Fault]:
    """What is wrong with an audit bundle, unpacked into a folder.

    Args:
        folder: has `manifest-sha256.txt`, `chain/` and `rows/`, as `tideline audit bundle` wrote.
        noted: heads that the auditor has from elsewhere, pairs of ISO date and head.
    """
    if (folder / SUMS).read_bytes() != sums_of(folder):
        yield Fault.BUNDLE_CHANGED
        return
    chain = folder / "chain"
    written = _lines(chain / "entries.jsonl")
    entries = {one["entry"]: one for one in written}
    rows = [
        (path.stem, one["key"], one["content"])
        for path in sorted((folder / "rows").glob("*.jsonl"))
        for one in _lines(path)
    ]
    there = {(table, key): content for table, key, content in rows}
    if len(entries) != len(written) or len(there) != len(rows):
        yield Fault.ROW_NOT_CHAINED
    yield from _faults_of_opened(entries.values(), there)
    yield from (Fault.ROW_NOT_CHAINED for _ in there)
    links = _lines(chain / "links.jsonl")
    linked = [_link(one, entries) for one in links]
    yield from faults_of_links(linked)
    waiting = {one["entry"] for one in _lines(chain / "waiting.jsonl")}
    if entries.keys() - {one["entry"] for one in links} - waiting:
        yield Fault.BROKEN
    batches = [
        Batch(one["number"], _bytes(one["commitments"]), _bytes(one["before"]), _bytes(one["link"]))
        for one in _lines(chain / "batches.jsonl")
    ]
    yield from faults_of_batches(batches)
    heads = {one["day"]: one["head"] for one in _lines(chain / "heads.jsonl")}
    openings = [
        Opening(one["day"], one["number"], one["batch"], _bytes(one["nonce"]))
        for one in _lines(chain / "openings.jsonl")
    ]
    link_at = {one.number: one.link for one in linked}
    yield from faults_of_heads(openings, heads, link_at, {one.number: one.link for one in batches})
    first, last = between(openings, **json.loads((folder / "time.json").read_text("utf-8")))
    opened = {one["entry"] for one in written if "table" in one}
    if any(first < one["number"] <= last and one["entry"] not in opened for one in links):
        yield Fault.ROW_MISSING
    lost = {
        json.loads(content)["digest"]
        for table, _, content in rows
        if table == "restricted.settings_events" and json.loads(content)["what"] == "head_lost"
    }
    published = [(one["day"], one["head"]) for one in _lines(chain / "published_heads.jsonl")]
    seen = [(day, head) for day, head in published if head not in lost]
    yield from faults_of_published_heads([*seen, *noted], heads)


def between(openings: Iterable[Opening], first: str, last: str) -> tuple[int, int]:
    """Which links are of a time: those after the first number, up to the last.

    Args:
        openings: of all days.
        first: ISO date; what the newest head before it has is not of the time.
        last: ISO date; what the first head after it has is of it, and what has none yet.
    """
    before = [one.number for one in openings if one.day < first]
    after = [one.number for one in openings if one.day > last]
    return max(before, default=0), min(after, default=sys.maxsize)


def _faults_of_opened(
    entries: Iterable[Mapping[str, Any]], there: dict[tuple[str, str], str]
) -> Iterator[Fault]:
    """Compare the opened entries with their rows, and take these out of `there`."""
    for one in entries:
        if "salt" not in one:
            continue
        content = there.pop((one["table"], one["key"]), None)
        if content is None:
            yield Fault.ROW_MISSING
        elif commitment(_bytes(one["salt"]), one["table"], one["key"], content) != _bytes(
            one["commitment"]
        ):
            yield Fault.ROW_CHANGED


def _link(one: Mapping[str, Any], entries: Mapping[int, Mapping[str, Any]]) -> Link:
    entry = entries.get(one["entry"])
    linked = None if entry is None else _bytes(entry["commitment"])
    return Link(one["number"], linked, _bytes(one["before"]), _bytes(one["link"]))


def sums_of(folder: Path) -> bytes:
    """The SHA-256 of every file below a folder but of the list itself, as the list says it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return "".join(
        f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in paths
        if path != folder / SUMS
    ).encode()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _bytes(digits: str) -> bytes:
    return bytes.fromhex(digits)


def main(folder: Path, noted: Iterable[tuple[str, str]] = ()) -> int:
    """Say on standard output what is wrong with a bundle. Returns 0 if nothing is, else 1."""
    closed = 0
    try:
        found = sorted(Counter(faults_of_bundle(folder, noted)).items())
        entries = _lines(folder / "chain" / "entries.jsonl")
        closed = sum("table" in one and "salt" not in one for one in entries)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        found = [(Fault.BUNDLE_CHANGED, 1)]
    words = [f"{fault.value} {times}" for fault, times in found]
    whole = [
        "The bundle is whole, and its rows are as the chain says.",
        f"Rows of this period given as commitments only, for they concern people: {closed}.",
    ]
    # Codes and counts, by who runs this file by itself; no line of the program calls it.
    sys.stdout.write("\n".join([*(words or whole), ""]))
    return 1 if found else 0


if __name__ == "__main__":
    # One's own copy judges a bundle: verify_bundle.py [FOLDER] [DAY=HEAD ...]
    _given = [one for one in sys.argv[1:] if "=" not in one]
    _noted = [(day, head) for day, _, head in (one.partition("=") for one in sys.argv[1:]) if head]
    sys.exit(main(Path(_given[0] if _given else Path(__file__).parent).resolve(), _noted))
