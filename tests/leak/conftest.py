"""A home whose every delivered word is a marker, and the ways to look for them."""

import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from orchestration.cli.session import Session
from resources.consent_register import ConsentTerms, MemberBasis
from resources.marker_scan import scan_bytes, scan_database, scan_folder

TOLD, FIRST, LAST = date(2026, 9, 1), date(2026, 10, 11), date(2026, 10, 12)
PHRASE = "the kettle was cold again by teatime"
"""Vocabulary words only: it survives scrubbing, so only never being written keeps it out."""
PHONE = "07700 900461"
SAID = (
    "so tired after the long shift and {odd} rang me twice about it",
    f"good morning all, {PHRASE} and nobody minded",
    f"please call me on {PHONE} when you get home tonight",
    "we are short again tomorrow but we will manage it together",
)
REGIONS = ("greater_london", "east_of_england")


@dataclass
class Planted:
    """What was delivered.

    Attributes:
        markers: words that may be found nowhere, as UTF-8.
        groups: references by what was delivered for them.
    """

    markers: list[bytes] = field(default_factory=list, repr=False)
    groups: dict[str, str] = field(default_factory=dict)


def _terms(region: str) -> ConsentTerms:
    return ConsentTerms(
        region=region,
        platform="whatsapp",
        member_basis=MemberBasis.NOTICE_WITH_OBJECTION,
        ethics_reference="made-up",
        informed_on=TOLD,
        notice_version="1",
        adult_workplace=True,
        evidence=b"made-up",
        valid_from=TOLD,
        valid_until=date(2027, 1, 31),
    )


def _export(number: int) -> tuple[str, str, list[str]]:
    """File name, text and markers of one made-up Android export."""
    title = f"Zandermoor{number} Nightjars"
    authors = [f"Quillon{number}{one} Fennimarsh{one}" for one in "abcd"]
    authors.append(f"+44 7700 9007{number}9")
    odd = f"wobblequex{number}"
    lines = [f'{TOLD:%d/%m/%Y}, 06:00 - {authors[0]} created group "{title}"']
    # Only who was there when the members were told is read.
    lines += [f"{TOLD:%d/%m/%Y}, 07:00 - {author}: hello all" for author in authors]
    moment = datetime.combine(FIRST, time(8))
    while moment.date() <= LAST:
        for author in authors:
            for said in SAID:
                moment += timedelta(minutes=7)
                # The same words from several people would be a copied post.
                line = f"{said.format(odd=odd)} {len(lines)}"
                lines.append(f"{moment:%d/%m/%Y, %H:%M} - {author}: {line}")
        moment = datetime.combine(moment.date() + timedelta(days=1), time(8))
    words = [f"Zandermoor{number}", odd, authors[-1], f"Farrowfile{number}"]
    words += [name for author in authors[:-1] for name in author.split()]
    return f"WhatsApp Chat with Farrowfile{number}.txt", "\n".join(lines) + "\n", words


@pytest.fixture
def planted(session: Session, tmp_path: Path) -> Planted:
    """Six groups with exports, one withdrawn since, one damaged archive, one binary file."""
    made = Planted(markers=[PHRASE.encode(), PHONE.encode(), PHONE.replace(" ", "").encode()])
    folder = tmp_path / "delivered"
    folder.mkdir()
    for number in range(8):
        group_ref = session.register.grant(_terms(REGIONS[number % 2]), session.clock.now())
        name, text, words = _export(number)
        content = text.encode()
        match number:
            case 5:
                kind = "withdrawn"
            case 6:
                kind, name = "damaged", name.replace(".txt", ".zip")
                content = _archive(name, content)[:-40]
            case 7:
                kind, content = "binary", os.urandom(64) + b"\0" + content
            case _:
                kind = f"good {number}"
        path = folder / name
        path.write_bytes(content)
        session.deliver(group_ref, path)
        if kind == "withdrawn":
            session.register.withdraw(group_ref, session.clock.now())
        made.groups[kind] = group_ref
        made.markers += [word.encode() for word in words]
    return made


def _archive(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name.replace(".zip", ".txt"), content)
    return packed.getvalue()


@pytest.fixture
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary folder of this process and of those that it starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def everywhere(
    session: Session, planted: Planted, temporary_folder: Path
) -> Callable[[str | bytes], set[tuple[str, bytes]]]:
    """Where markers are found: files of the home and the temporary folder, database, output."""

    def scan(output: str | bytes) -> set[tuple[str, bytes]]:
        raw = output if isinstance(output, bytes) else output.encode("utf-8", "surrogatepass")
        with session.database.transaction() as connection:
            found = scan_database(connection, planted.markers)
        for folder in (session.home.root, temporary_folder):
            found |= scan_folder(folder, planted.markers)
        return found | {("output", marker) for marker in scan_bytes(raw, planted.markers)}

    return scan


@pytest.fixture
def days() -> tuple[date, date]:
    """First and last day of the exports."""
    return FIRST, LAST
