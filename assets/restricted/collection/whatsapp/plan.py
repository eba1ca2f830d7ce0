"""What a pass over an export takes for granted, and how a whole pass corrects it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import BinaryIO, get_args

from assets.core.errors import ExportError
from assets.restricted.collection.contract import Circumstances
from assets.restricted.collection.export import CountedKind, DateOrder, DecidedBy, Detail
from assets.restricted.collection.lines import Whereabouts, line_blocks
from assets.restricted.collection.whatsapp.clock import Days
from assets.restricted.collection.whatsapp.counts import Counts
from assets.restricted.collection.whatsapp.day_order import day_order
from assets.restricted.collection.whatsapp.entries import CutPoint
from assets.restricted.collection.whatsapp.forms import (
    Form,
    form_by_shape,
    form_of,
    hides_exporter,
)
from assets.restricted.collection.whatsapp.header_candidates import candidates
from assets.restricted.collection.whatsapp.header_format import (
    CRLF_PER_LF,
    Learned,
    Shape,
    YearPlace,
    learn,
    shape_of,
)
from assets.restricted.collection.whatsapp.notice_names import is_phrase
from assets.restricted.collection.whatsapp.quotes import Excursion, PlacedEntry
from assets.restricted.collection.whatsapp.senders import Attribution
from assets.restricted.collection.whatsapp.wordings import wordings

# The shape is learned from this much text at first, and again from more if that misled.
SAMPLE_CHARACTERS = 1 << 18


@dataclass(frozen=True)
class Plan:
    """All that a pass takes for granted about a file."""

    learned: Learned
    order: DateOrder
    decided_by: DecidedBy
    form: Form
    hides_exporter: bool
    known: frozenset[str] = field(default=frozenset(), repr=False)
    colon_names: frozenset[str] = field(default=frozenset(), repr=False)
    titles: frozenset[str] = field(default=frozenset(), repr=False)
    phrases: frozenset[str] = field(default=frozenset(), repr=False)
    quoted: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()

    def attribution(self) -> Attribution:
        """A fresh one."""
        return Attribution(
            form=self.form,
            marked=self.learned.shape.bracket and self.form != "web",
            known=self.known,
            colon_names=self.colon_names,
            titles=self.titles,
            phrases=self.phrases,
        )

    def passes_as(self, other: "Plan") -> bool:
        """Whether a pass by the other finds the same; what is doubtful is told after it."""
        return replace(self, doubtful=frozenset()) == replace(other, doubtful=frozenset())


CLASSES = (Plan, Learned, Shape, CutPoint, Excursion, PlacedEntry)
"""What a state of the reader holds beside plain values."""


def closed_words() -> frozenset[str]:
    """What a state of the reader holds of words that are ours."""
    notices = {kind for words in wordings().values() for kind in words.get("notices", ())}
    closed = (CountedKind, Detail, DateOrder, DecidedBy, Form, YearPlace)
    return frozenset(
        [
            "",
            *("numbers", "kanji", "named", "none", "before", "after", "encryption", "unknown"),
            *wordings(),
            *notices,
            *(word for one in closed for word in get_args(one)),
        ]
    )


def first_plan(
    opened: Callable[[], BinaryIO], circumstances: Circumstances, *, markdown_twin: bool
) -> tuple[Plan, int]:
    """Learn a file's shape from its beginning.

    Returns:
        The plan, and how many bytes were looked at.

    Raises:
        ExportError: `EXPORT_NO_HEADERS`, or one of reading its text.
    """
    pieces: list[str] = []
    size, at = 0, Whereabouts()
    with opened() as stream:
        for block in line_blocks(stream, at=at):
            pieces.append(block)
            size += len(block)
            if size >= SAMPLE_CHARACTERS:
                break
    sample = "".join(pieces)
    found = candidates(sample)
    shapes = list(map(shape_of, found))
    learned = learn(found, shapes, sample)
    if learned is None:
        raise ExportError("EXPORT_NO_HEADERS")
    own = [one for one, shape in zip(found, shapes, strict=True) if shape == learned.shape]
    opening = sample[: own[0].start()]
    form = form_of(own, opening, markdown_twin=markdown_twin)
    dates = dict.fromkeys(candidate["date"] for candidate in own)
    order, decided_by = day_order(learned.shape, dates, circumstances.day_first, form)
    return Plan(learned, order, decided_by, form, hides_exporter(form, opening)), at.read


def better_plan(plan: Plan, tally: Counts, days: Days, circumstances: Circumstances) -> Plan:
    """Correct a plan by what a whole pass has shown; the same plan if it stands."""
    learned, attribution = plan.learned, tally.attribution
    entries = tally.counts.total()
    for shape, refused in tally.refused_shapes.most_common(1):
        if shape == learned.shape and learned.crlf_leads and refused * CRLF_PER_LF > entries:
            return replace(plan, learned=replace(learned, crlf_leads=False))
        strict = not (learned.local_digits and learned.inner_marks)
        if shape == learned.shape and strict and tally.refused_shapes[shape] > len(plan.quoted):
            # Marks or local digits may come only after the sample.
            return replace(plan, learned=replace(learned, local_digits=True, inner_marks=True))
        if shape is not None and shape != learned.shape and refused > entries:
            fresh = Learned(shape, local_digits=True, inner_marks=True, crlf_leads=False)
            return replace(plan, learned=fresh, form=form_by_shape(shape))
    order, decided_by = day_order(learned.shape, days.written(), circumstances.day_first, plan.form)
    known = attribution.loose & tally.authors if tally.authors else attribution.spaceless
    return replace(
        plan,
        order=order,
        decided_by=decided_by,
        known=plan.known | known,
        colon_names=plan.colon_names | (tally.colon_names or frozenset()),
        titles=plan.titles | _titles(tally),
        phrases=plan.phrases | _phrases(tally),
    )


def _phrases(tally: Counts) -> frozenset[str]:
    """What was taken for senders and is the beginning of notices."""
    people = tally.authors | tally.known_from_notices
    return frozenset(one for one in tally.authors if is_phrase(one, people))


def _titles(tally: Counts) -> frozenset[str]:
    """Senders of nothing but lines that no person types, which speak for a whole group.

    Such a sender opens the file, as the encryption notice does, or names someone who wrote.
    Anyone else may only ever have sent pictures, in a language whose words are not known.
    """
    unexplained = tally.attribution.unexplained
    return frozenset(
        name
        for name, lines in unexplained.items()
        if name not in tally.spoke
        and (
            name == tally.first_sender
            or any(author in line for line in lines for author in tally.spoke - {""})
        )
    ) | (tally.attribution.titles & unexplained.keys())
