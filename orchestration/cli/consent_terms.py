"""Terms of a consent as they are given, as options or as a row of a CSV, with all that is wrong."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from assets.core.delivery_rhythm import Rhythm
from assets.core.errors import ConsentError, SetupError, refuse_as
from resources.stores.consent.consent_register import ConsentRegister, new_employer_ref
from resources.stores.consent.consent_terms import (
    EMPLOYER_REF,
    ConsentTerms,
    MemberBasis,
    Scope,
    Sector,
)

DAYS_OF_CONSENT = 365
DAYS_TO_REVIEW = 182
NEW_EMPLOYER = re.compile(r"^new(-[0-9]{1,4})?$")
"""An employer of no recorded group; rows of one file with one number are of one employer."""

_LARGEST_FILE = 20_000_000
_COLUMN_OF = {
    "REGION_UNKNOWN": "region",
    "ETHICS_DEPARTURE_MISSING": "departure_approved",
    "MEMBER_BASIS_NOT_STATED": "member_basis",
    "MEMBER_BASIS_OTHER": "member_basis",
    "MEMBER_BASIS_MISSING": "member_basis",
    "NOTICE_FILE_MISSING": "notice",
    "COOLING_OFF_TOO_SHORT": "valid_from",
    "SECTOR_MISSING": "sector",
    "SCOPE_MISSING": "scopes",
    "RHYTHM_MISSING": "rhythm",
    "RHYTHM_TOO_SLOW": "rhythm",
    "REVIEW_DATE_INVALID": "review_by",
    "EMPLOYER_MISSING": "employer",
    "ETHICS_REFERENCE_MISSING": "ethics_reference",
    "ATTESTATION_MISSING": "adults_at_work",
    "CONSENT_DATES_REVERSED": "valid_until",
    "PLATFORM_UNKNOWN": "platform",
    "PLATFORM_NOT_PERMITTED": "platform",
    "EVIDENCE_MISSING": "evidence",
    "EMPLOYER_UNKNOWN": "employer",
}


def _split(value: object) -> object:
    """Several of a list in one cell, with spaces between."""
    return frozenset(value.split()) if isinstance(value, str) else value


class Given(BaseModel):
    """What was given, and what stands where nothing was; a test keeps options and columns equal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: str = ""
    informed_on: date | None = None
    notice_version: str = ""
    notice: Path | None = None
    evidence: Path | None = None
    member_basis: MemberBasis | None = None
    ethics_reference: str = ""
    departure_approved: bool = False
    adults_at_work: bool = False
    employer: str = ""
    sector: Sector | None = None
    scopes: Annotated[frozenset[Scope], BeforeValidator(_split)] = frozenset()
    rhythm: Rhythm | None = None
    platform: str = "whatsapp"
    valid_from: date | None = None
    valid_until: date | None = None
    review_by: date | None = None


COLUMNS = tuple(Given.model_fields)
_FILES = ("notice", "evidence")


@dataclass(frozen=True)
class TermsFault:
    """Something that is missing or wrong: where and which code, never the value.

    Attributes:
        row: of the file, the header being 1; 0 for options.
        column: one of `COLUMNS`, or `""` for the file as a whole.
        code: of the catalogue.
    """

    row: int
    column: str
    code: str


def terms_of(
    given: Given,
    register: ConsentRegister,
    today: date,
    *,
    employer_ref: str | None = None,
    runs_since: date | None = None,
) -> ConsentTerms:
    """The terms, with what holds where nothing was given.

    Args:
        given: as it was given.
        register: knows the cooling-off days, before the end of which nothing is read.
        today: the day now.
        employer_ref: the employer, where none was given.
        runs_since: the first day where none was given; else the first that the home reads.

    Raises:
        SetupError: `FILE_NOT_FOUND` if the notice or the evidence can't be read.
    """
    # Nobody was informed in time where no day was given.
    informed_on = given.informed_on or date.max
    first = given.valid_from or runs_since or _first_day(informed_on, register, today)
    year_on = max(first, today) + timedelta(days=DAYS_OF_CONSENT)
    last = given.valid_until or year_on
    review = max(first, today) + timedelta(days=DAYS_TO_REVIEW)
    told_apart = given.employer if EMPLOYER_REF.match(given.employer) else None
    return ConsentTerms(
        region=given.region,
        platform=given.platform,
        # Asked for in `faults_of`; the stricter one for all other rules.
        member_basis=given.member_basis or MemberBasis.OPT_IN,
        ethics_reference=given.ethics_reference,
        departure_approved=given.departure_approved,
        informed_on=informed_on,
        notice_version=given.notice_version,
        notice=content_of(given.notice) if given.notice is not None else b"",
        adult_workplace=given.adults_at_work,
        evidence=content_of(given.evidence) if given.evidence is not None else b"",
        sector=given.sector,
        scopes=given.scopes,
        rhythm=given.rhythm,
        review_by=given.review_by or max(today, min(last, review)),
        valid_from=first,
        valid_until=last,
        employer_ref=told_apart or employer_ref,
    )


def _first_day(informed_on: date, register: ConsentRegister, today: date) -> date:
    cooling_off = register.rules.cooling_off
    return today if informed_on > date.max - cooling_off else max(today, informed_on + cooling_off)


def faults_of(
    given: Given,
    register: ConsentRegister,
    today: date,
    row: int = 0,
    *,
    employer_ref: str | None = None,
    runs_since: date | None = None,
) -> list[TermsFault]:
    """All that keeps a consent from being recorded, in the order of the columns.

    Args:
        given: as it was given.
        register: knows what it accepts, and the employers of recorded groups.
        today: the day now.
        row: of the file; 0 for options.
        employer_ref: of a group whose employer was asked for before.
        runs_since: first day of a consent that runs on.
    """
    found: list[TermsFault] = []
    readable = given
    for column in _FILES:
        path = getattr(given, column)
        try:
            _ = path is None or content_of(path)
        except SetupError as error:
            found.append(TermsFault(row, column, error.code))
            readable = readable.model_copy(update={column: None})
    unreadable = {one.column for one in found}
    terms = terms_of(readable, register, today, employer_ref=employer_ref, runs_since=runs_since)
    codes = register.faults(terms, today, runs_since=runs_since)
    if given.member_basis is None:
        codes = [code for code in codes if not code.startswith("MEMBER_BASIS_")]
        codes.append("MEMBER_BASIS_MISSING")
    codes += _faults_of_employer(given.employer, register, employer_ref)
    for code in codes:
        if code == "MEMBERS_NOT_INFORMED":
            lacks = [one for one in ("informed_on", "notice_version") if not getattr(given, one)]
            found += [TermsFault(row, column, code) for column in lacks or ["informed_on"]]
        elif _COLUMN_OF[code] not in unreadable:
            found.append(TermsFault(row, _COLUMN_OF[code], code))
    return sorted(found, key=lambda one: COLUMNS.index(one.column))


def _faults_of_employer(
    employer: str, register: ConsentRegister, employer_ref: str | None
) -> list[str]:
    """Groups of one employer count as one, so whose a group is has to be answered."""
    if not employer:
        return [] if employer_ref else ["EMPLOYER_MISSING"]
    known = {one.employer_ref for one in register.consents().values()}
    return [] if NEW_EMPLOYER.match(employer) or employer in known else ["EMPLOYER_UNKNOWN"]


def rows_of(
    file: Path, register: ConsentRegister, today: date
) -> tuple[list[ConsentTerms], list[TermsFault]]:
    """Every row of a CSV as terms, and all that is wrong with any of them.

    Columns are `COLUMNS`, in any order; those left out, and empty cells, hold what `Given` says.
    Any other column is refused, so that no file with names in it is taken. Paths of notices
    and evidence are from the folder of the file.

    Args:
        file: the CSV, UTF-8.
        register: knows what it accepts.
        today: the day now.

    Raises:
        SetupError: `FILE_NOT_FOUND`.
        ConsentError: `CONSENT_FILE_INVALID` if it is no such CSV.
    """
    terms: list[ConsentTerms] = []
    faults: list[TermsFault] = []
    numbered: dict[str, str] = defaultdict(new_employer_ref)
    for row, cells in enumerate(_cells(file), start=2):
        given, wrong = _given(cells, file.parent)
        own = [TermsFault(row, column, "CONSENT_CELL_INVALID") for column in wrong]
        own += [one for one in faults_of(given, register, today, row) if one.column not in wrong]
        faults += sorted(own, key=lambda one: COLUMNS.index(one.column))
        if not own:
            shared = numbered[given.employer] if given.employer.startswith("new-") else None
            terms.append(terms_of(given, register, today, employer_ref=shared))
    return terms, faults


def _given(cells: Mapping[str, str], folder: Path) -> tuple[Given, set[str]]:
    """A row, without the cells that are of another form, and the columns of those."""
    written = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    for column in _FILES:
        if column in written:
            written[column] = str(folder / written[column])
    wrong: set[str] = set()
    try:
        return Given.model_validate(written), wrong
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors(include_input=False)}
    return Given.model_validate({k: v for k, v in written.items() if k not in wrong}), wrong


def _cells(file: Path) -> list[dict[str, str]]:
    content = content_of(file)
    if len(content) > _LARGEST_FILE:
        raise ConsentError("CONSENT_FILE_INVALID")
    with refuse_as(ConsentError("CONSENT_FILE_INVALID"), UnicodeDecodeError, csv.Error):
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        rows = list(reader)
    names = reader.fieldnames or []
    # A row of more cells than the header has them under None, one of fewer has None.
    whole = all(None not in row and None not in row.values() for row in rows)
    known = len(names) == len(set(names)) and set(names) <= set(COLUMNS)
    if not (rows and whole and known):
        raise ConsentError("CONSENT_FILE_INVALID")
    return rows


def content_of(path: Path) -> bytes:
    """What a file holds.

    Raises:
        SetupError: `FILE_NOT_FOUND`.
    """
    with refuse_as(SetupError("FILE_NOT_FOUND"), OSError, ValueError):
        return path.read_bytes()
