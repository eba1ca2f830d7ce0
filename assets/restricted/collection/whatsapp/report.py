"""The report on one export, from what a pass has counted."""

from dataclasses import dataclass
from typing import get_args

from assets.core.errors import ExportError
from assets.restricted.collection.export import (
    LISTED_LINES,
    CountedKind,
    DateOrder,
    DecidedBy,
    Detail,
    Kind,
    UnsureReason,
    WhatsAppReport,
)
from assets.restricted.collection.whatsapp.counts import Counts
from assets.restricted.collection.whatsapp.header_format import Shape

# One quotation in a short file is ordinary.
FEWEST_TELLING = 3
HALF = 2
# For so many entries, more refused or doubtful headers than one are not.
ENTRIES_PER_REFUSED = 20
# Lines that WhatsApp wrote in no known wording, as a share of entries, from which it may have
# written others that are taken for speech.
ENTRIES_PER_UNKNOWN = 3
FEWEST_UNKNOWN = 5
# What WhatsApp wrote in no listed wording, for each line of a listed one, from which the phone's
# language is none of those listed; what else it writes would then be taken for speech.
FEWEST_OF_NO_LANGUAGE, OF_NO_LANGUAGE_PER_LISTED = 3, 2
# What people might have typed tells of the phone only as a share of entries, and beside speech in
# letters that no listed language has: for so many messages judged, more than one in them.
ENTRIES_PER_OF_FORM, JUDGED_PER_IN_NO_ALPHABET = 100, 10


@dataclass(frozen=True)
class Findings:
    """What the first reading settled about a file."""

    shape: Shape
    order: DateOrder
    decided_by: DecidedBy
    year_inferred: bool
    lines_before: int
    quoted: int
    doubtful: frozenset[int]
    exporter_unsure: bool = False


def report_of(findings: Findings, tally: Counts) -> WhatsAppReport:
    """Put a report together.

    Raises:
        ExportError: `EXPORT_NO_HEADERS` where nothing was counted.
    """
    whole, given = tally.all, tally.with_sender
    if not (whole.first and whole.last and whole.earliest and whole.latest):
        raise ExportError("EXPORT_NO_HEADERS")
    return WhatsAppReport(
        platform="whatsapp",
        shape=findings.shape.label,
        date_order=findings.order,
        decided_by=findings.decided_by,
        year_inferred=findings.year_inferred,
        unsure_reasons=tuple(_reasons(findings, tally)),
        counts={kind: tally.counts[kind] for kind in get_args(CountedKind)},
        details={detail: tally.attribution.details[detail] for detail in get_args(Detail)},
        entries=tally.counts.total(),
        with_sender=sum(tally.counts[kind] for kind in get_args(Kind)),
        authors=len(tally.authors),
        earliest=whole.earliest,
        latest=whole.latest,
        earliest_with_sender=given.earliest,
        latest_with_sender=given.latest,
        first=whole.first,
        last=whole.last,
        first_with_sender=given.first,
        last_with_sender=given.last,
        out_of_order=whole.steps_back,
        lines_before_first_entry=findings.lines_before,
        refused=len(tally.refused),
        refused_lines=tuple(tally.refused[:LISTED_LINES]),
        doubtful=len(findings.doubtful),
        doubtful_lines=tuple(sorted(findings.doubtful)[:LISTED_LINES]),
        notices=dict(tally.notices),
        privacy_turned_on=min(tally.privacy_on_times, default=None),
        privacy_on_times=tuple(tally.privacy_on_times),
        number_changes=tuple(tally.number_changes),
        language_judged=tally.language_judged,
        not_english=tally.not_english,
    )


def _reasons(findings: Findings, tally: Counts) -> list[UnsureReason]:
    entries = tally.counts.total()
    reasons: list[UnsureReason] = []
    if findings.order == "unsure":
        reasons.append("date_order")
    if findings.exporter_unsure:
        reasons.append("exporter")
    refused = len(tally.refused) - findings.quoted
    told: tuple[tuple[int, UnsureReason], ...] = (
        (refused, "refused_headers"),
        (max(len(findings.doubtful), tally.excursions.far_steps), "out_of_order"),
    )
    for many, reason in told:
        several = many >= FEWEST_TELLING and many * ENTRIES_PER_REFUSED > entries
        if several or many * HALF > entries:
            reasons.append(reason)
    unknown = tally.notices["unknown"] + tally.attribution.unexplained_lines
    if (
        unknown >= FEWEST_UNKNOWN and unknown * ENTRIES_PER_UNKNOWN > entries
    ) or _of_no_listed_language(tally):
        reasons.append("unknown_notices")
    return reasons


def _of_no_listed_language(tally: Counts) -> bool:
    notices, attribution = tally.notices, tally.attribution
    unknown = notices["unknown"]
    if not attribution.begins_listed:
        # Otherwise they are people who begin with their own name.
        unknown += attribution.named_twice
    # In any language it holds one word.
    listed = notices.total() - notices["unknown"] - notices["encryption"] + len(attribution.listed)
    if attribution.unled:
        # Single words are much alike in neighbouring languages, and a form tells of no other line.
        unknown += len(attribution.unlisted)
    else:
        listed += len(attribution.unlisted)
    if attribution.opens_unlisted and not listed:
        return True
    if not listed:
        unknown += _of_form(tally)
    return unknown >= FEWEST_OF_NO_LANGUAGE and unknown > OF_NO_LANGUAGE_PER_LISTED * listed


def _of_form(tally: Counts) -> int:
    """How many wordings of no listed language the form alone tells; 0 where people typed them."""
    attribution, judged = tally.attribution, tally.language_judged
    unlisted_letters = tally.in_no_listed_alphabet * JUDGED_PER_IN_NO_ALPHABET > judged
    mostly_english = tally.not_english * HALF <= judged
    if not attribution.unled or attribution.begins_listed or mostly_english or not unlisted_letters:
        return 0
    # People end messages in many ways, and WhatsApp in one.
    edited = max(attribution.edited_of_form.values(), default=0)
    found = len(attribution.of_form) + edited
    return found if found * ENTRIES_PER_OF_FORM > tally.counts.total() else 0
