"""What `tideline status` tells of scrubbing: counts by region, and why a group-day was refused.

For data engineers. Codes, counts, layers, classes, files and lines; there is no text to tell.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from assets.core.errors import CATALOGUE, ConsentError
from assets.restricted.collection.one_group import UNFORESEEN
from assets.restricted.scrubbing.coarse_language import LANGUAGES
from assets.restricted.scrubbing.gate import ANSWERABLE, Outcome
from assets.restricted.scrubbing.name_tagger.serving import tagger_digest
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary
from orchestration.cli.console import table
from orchestration.cli.session import Session
from resources.containment.sealed_errors import NO_PLACE
from resources.stores.inbox.collection_records import CollectionRecords, Fault
from resources.stores.vectors.scrub_records import GateVerdict, LayerFailure, ScrubRecords

LAYERS = ("patterns", "letters", "roster", "tagger", "capitals", "vocabulary", "titles")
"""In the order in which removals are counted."""

FEWEST_TOLD = 10
"""What is counted less often is not shown: so few may be one person's."""

_SHARES = (0.1, 0.5)


def scrubbing_tables(session: Session, region: str, days: int) -> Iterator[RenderableType]:
    """Words removed, and messages kept and lost, over a region's last days that were stored."""
    records = ScrubRecords(session.database)
    since = session.clock.today() - timedelta(days=days)
    counts = records.counts(region, since)
    name = session.home.config.regions[region]
    removed = table("layer", "kind", "words removed", title=f"{name}: removed since {since}")
    for layer, kind in sorted(counts.removed, key=_in_order):
        if counts.removed[layer, kind] >= FEWEST_TOLD:
            removed.add_row(layer, kind, _told(counts.removed[layer, kind]))
    yield removed
    lost = table(
        "language", "messages", "kept", "failed", "fired", "too little", "share lost",
        title=f"{name}: messages since {since}, by coarse language",
    )  # fmt: skip
    for language in LANGUAGES:
        own = {one: counts.messages.get((language, one), 0) for one in Outcome}
        total = sum(own.values())
        if total >= FEWEST_TOLD:
            missing = total - own[Outcome.KEPT]
            lost.add_row(
                language,
                _told(total),
                *(_told(own[one]) for one in Outcome),
                _share(missing, total),
            )
    yield lost


def group_report(session: Session, group: str, day: date | None) -> Iterator[RenderableType]:
    """What went wrong with a group, or with one of its days, and where to look.

    Args:
        session: of the home.
        group: its reference, or the beginning of it that only this group has.
        day: all days that the records still hold, if None.

    Raises:
        ConsentError: `GROUP_UNKNOWN`.
    """
    group_ref = _reference(session, group)
    records = ScrubRecords(session.database)
    faults = table("recorded at", "day", "stage", "code", "run", title=f"{group_ref}: faults")
    collected = CollectionRecords(session.database, session.home.config.mode)
    unforeseen: dict[str, Fault] = {}
    for at, fault in collected.faults_of_group(group_ref):
        if day in (None, fault.day) or fault.day is None:
            faults.add_row(
                f"{at:%Y-%m-%d %H:%M}", str(fault.day or ""), fault.stage, fault.code, fault.run_id
            )
            if fault.code in UNFORESEEN:
                # The step that met it first; later ones tell that they read nothing for it.
                unforeseen.setdefault(fault.run_id, fault)
    yield faults
    # The newest tells: what was not mended since is raised again.
    for fault in list(unforeseen.values())[-1:]:
        yield from _raised_in(records, fault)
    verdicts = records.verdicts(group_ref, day)
    gate = table(
        "day", "recorded at", "verdict", "with a digit", "on the roster", "not in the vocabulary",
        "messages", "failed", "fired", "too little", title=f"{group_ref}: the gate",
    )  # fmt: skip
    # Of what passed neither counts nor moments: a day read again, with fewer messages and no new
    # export, would tell that somebody has objected.
    for passed in sorted({one.day for one in verdicts if one.passed}):
        gate.add_row(passed.isoformat(), "", "passed")
    for one in verdicts:
        if not one.passed:
            gate.add_row(
                one.day.isoformat(), f"{one.recorded_at:%Y-%m-%d %H:%M}", one.code,
                *(str(n) for n in (one.with_digit, one.on_roster, one.not_allowed, one.messages,
                                   one.failed, one.fired, one.too_little)),
            )  # fmt: skip
    yield gate
    for one in verdicts:
        if not one.passed:
            yield from _why(records, one)


def _raised_in(records: ScrubRecords, fault: Fault) -> Iterator[RenderableType]:
    yield Text(f"{fault.code}: {CATALOGUE[fault.code].happened}")
    for one in records.failures(fault.group_ref, fault.run_id):
        if not one.messages:
            yield Text(f"  raised in {fault.stage}: {one.chain}")
    yield Text(f"  next: {CATALOGUE[fault.code].next_step}")


def _why(records: ScrubRecords, verdict: GateVerdict) -> Iterator[RenderableType]:
    failures = records.failures(verdict.group_ref, verdict.run_id)
    removed = records.removed_of_refused(verdict)
    code = verdict.code or ""
    yield Text(f"{verdict.day} {code}: {CATALOGUE[code].happened}")
    yield Text(f"  cause: {_cause(verdict, failures)}")
    by_layer = ", ".join(f"{layer} {removed.get(layer, 0)}" for layer in LAYERS)
    yield Text(f"  words removed of this group-day: {by_layer}")
    yield Text(
        f"  vocabulary {_digest(verdict.vocabulary_digest, load_vocabulary()[1])};"
        f" tagger {_digest(verdict.tagger_digest, tagger_digest())}"
    )
    yield Text(f"  next: {CATALOGUE[code].next_step}")
    if failures:
        yield _raised(failures)


def _raised(failures: list[LayerFailure]) -> Table:
    raised = table("layer", "messages", "raised", title="  raised in this run, on all its days")
    for one in failures:
        raised.add_row(_layer(one), str(one.messages), one.chain)
    return raised


def _cause(verdict: GateVerdict, failures: list[LayerFailure]) -> str:
    """The layer to look at, and what is known of it."""
    layer = ANSWERABLE.get(verdict.code or "")
    if layer is not None:
        return (
            f"the layer `{layer}` lets no such word through while it works; it is switched off,"
            " broken, or works with another list than the gate"
        )
    if failures and verdict.failed >= verdict.fired:
        return f"the layer `{_layer(failures[0])}` raised {failures[0].chain}"
    return (
        "the second detector, the layer `patterns`, found something in what the layers had left of"
        f" {verdict.fired} messages: a word that is joined anew by what was removed beside it"
    )


def _layer(failure: LayerFailure) -> str:
    """The layer in whose file an error was raised; the file, where it is none's."""
    for where in failure.places:
        if where == NO_PLACE:
            continue
        file = Path(where.rpartition(":")[0])
        named = {"name_tagger": "tagger", "recognisers": "patterns"}.get(
            file.parent.name, file.stem
        )
        return named if named in LAYERS else file.stem
    return "unknown"


def _digest(used: str | None, installed: str) -> str:
    if used is None:
        return "none"
    same = "as installed now" if used == installed else f"now {installed[:12]}"
    return f"{used[:12]} ({same})"


def _reference(session: Session, group: str) -> str:
    start = group if group.startswith("g-") else f"g-{group}"
    found = [one for one in session.register.consents() if one.startswith(start)]
    if len(found) != 1:
        raise ConsentError("GROUP_UNKNOWN")
    return found[0]


def _in_order(key: tuple[str, str]) -> tuple[int, str, str]:
    return (LAYERS.index(key[0]) if key[0] in LAYERS else len(LAYERS), *key)


def _told(count: int) -> str:
    """As a power of ten: a figure that moved would tell that somebody is no longer read."""
    if count < FEWEST_TOLD:
        return f"<{FEWEST_TOLD}"
    power = 10 ** (len(str(count)) - 1)
    return f"{power:,} to {10 * power - 1:,}"


def _share(part: int, whole: int) -> str:
    """Which of three bands it lies in, for the same reason."""
    below = [edge for edge in _SHARES if part >= edge * whole]
    above = [edge for edge in _SHARES if part < edge * whole]
    if not below:
        return f"<{above[0]:.0%}"
    return f"{below[-1]:.0%} to {above[0]:.0%}" if above else f">={below[-1]:.0%}"
