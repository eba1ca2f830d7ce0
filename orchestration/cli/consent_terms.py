"""Terms of a consent as they are given, as options or as a row of a CSV, with all that is wrong."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assets.core.errors import ConsentError, SetupError, refuse_as
from resources.stores.consent.consent_register import ConsentRegister, ConsentTerms, MemberBasis

DAYS_OF_CONSENT = 365
_LARGEST_FILE = 20_000_000
_COLUMN_OF = {
    "REGION_UNKNOWN": "region",
    "ETHICS_REFERENCE_MISSING": "ethics_reference",
    "ATTESTATION_MISSING": "adults_at_work",
    "CONSENT_DATES_REVERSED": "valid_until",
    "PLATFORM_UNKNOWN": "platform",
    "EVIDENCE_MISSING": "evidence",
    "EMPLOYER_UNKNOWN": "employer",
}


class Given(BaseModel):
    """What was given, and what stands where nothing was; a test keeps options and columns equal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: str = ""
    informed_on: date | None = None
    notice_version: str = ""
    evidence: Path | None = None
    ethics_reference: str = ""
    adults_at_work: bool = False
    platform: str = "whatsapp"
    valid_from: date | None = None
    valid_until: date | None = None
    member_basis: MemberBasis = MemberBasis.NOTICE_WITH_OBJECTION
    employer: str | None = None


COLUMNS = tuple(Given.model_fields)


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
    given: Given, today: date, *, employer_ref: str | None = None, runs_since: date | None = None
) -> ConsentTerms:
    """The terms, with what holds where nothing was given.

    Args:
        given: as it was given.
        today: the day now.
        employer_ref: the employer, where none was given.
        runs_since: the first day where none was given; today if None.

    Raises:
        SetupError: `FILE_NOT_FOUND` if the evidence can't be read.
    """
    first = given.valid_from or runs_since or today
    year_on = max(first, today) + timedelta(days=DAYS_OF_CONSENT)
    return ConsentTerms(
        region=given.region,
        platform=given.platform,
        member_basis=given.member_basis,
        ethics_reference=given.ethics_reference,
        # Nobody was informed in time where no day was given.
        informed_on=given.informed_on or date.max,
        notice_version=given.notice_version,
        adult_workplace=given.adults_at_work,
        evidence=_content(given.evidence) if given.evidence is not None else b"",
        valid_from=first,
        valid_until=given.valid_until or year_on,
        employer_ref=given.employer or employer_ref,
    )


def faults_of(
    given: Given, register: ConsentRegister, today: date, row: int = 0
) -> list[TermsFault]:
    """All that keeps a new consent from being recorded, in the order of the columns."""
    found: list[TermsFault] = []
    try:
        terms = terms_of(given, today)
    except SetupError as error:
        found.append(TermsFault(row, "evidence", error.code))
        terms = terms_of(given.model_copy(update={"evidence": None}), today)
    for code in register.faults(terms):
        if code == "MEMBERS_NOT_INFORMED":
            lacks = [one for one in ("informed_on", "notice_version") if not getattr(given, one)]
            found += [TermsFault(row, column, code) for column in lacks or ["informed_on"]]
        elif code != "EVIDENCE_MISSING" or all(one.code != "FILE_NOT_FOUND" for one in found):
            found.append(TermsFault(row, _COLUMN_OF[code], code))
    return sorted(found, key=lambda one: COLUMNS.index(one.column))


def rows_of(
    file: Path, register: ConsentRegister, today: date
) -> tuple[list[ConsentTerms], list[TermsFault]]:
    """Every row of a CSV as terms, and all that is wrong with any of them.

    Columns are `COLUMNS`, in any order; those left out, and empty cells, hold what `Given` says.
    Any other column is refused, so that no file with names in it is taken. Paths of evidence are
    from the folder of the file.

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
    for row, cells in enumerate(_cells(file), start=2):
        given, wrong = _given(cells, file.parent)
        own = [TermsFault(row, column, "CONSENT_CELL_INVALID") for column in wrong]
        own += [one for one in faults_of(given, register, today, row) if one.column not in wrong]
        faults += sorted(own, key=lambda one: COLUMNS.index(one.column))
        if not own:
            terms.append(terms_of(given, today))
    return terms, faults


def _given(cells: Mapping[str, str], folder: Path) -> tuple[Given, set[str]]:
    """A row, without the cells that are of another form, and the columns of those."""
    written = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    if "evidence" in written:
        written["evidence"] = str(folder / written["evidence"])
    wrong: set[str] = set()
    try:
        return Given.model_validate(written), wrong
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors(include_input=False)}
    return Given.model_validate({k: v for k, v in written.items() if k not in wrong}), wrong


def _cells(file: Path) -> list[dict[str, str]]:
    content = _content(file)
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


def _content(path: Path) -> bytes:
    with refuse_as(SetupError("FILE_NOT_FOUND"), OSError, ValueError):
        return path.read_bytes()
