"""Numbers as the page shows them: tables of text."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.roc_auc import Estimate
from evaluation.validity.accuracy import AreaRow, CorrelationRow, GainRow
from evaluation.validity.report import Cell, FlatTable

NO_VALUE = "–"


@dataclass(frozen=True)
class Table:
    """A table of text; the first column heads its row.

    Attributes:
        caption: what it shows.
        columns: headings.
        rows: as many cells each.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def number(value: float | None, *, signed: bool = False) -> str:
    """A value as shown: three decimals, a proper minus, a dash for none."""
    if value is None:
        return NO_VALUE
    shown = f"{value:+.3f}" if signed else f"{value:.3f}"
    return shown.replace("-", "−")


def estimate(found: Estimate, *, signed: bool = False) -> str:
    """A value with its interval."""
    if found.value is None:
        return "too few messages"
    value, low, high = (number(one, signed=signed) for one in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


def area_table(caption: str, rows: Sequence[AreaRow], what: str) -> Table:
    """Areas; `what` heads the column of the `Scorer` or of the `Part`."""
    return Table(
        caption,
        ("Corpus", "Construct", what, "Area (95 % interval)", "Messages", "Showing it"),
        tuple(
            (
                row.corpus,
                row.construct,
                row.scorer if what == "Scorer" else row.part,
                estimate(row.area),
                f"{row.messages:,}",
                f"{row.positive:,}",
            )
            for row in rows
        ),
    )


def gain_table(caption: str, rows: Sequence[GainRow]) -> Table:
    """Differences of areas."""
    return Table(
        caption,
        ("Corpus", "Construct", "Compared with", "Difference (95 % interval)"),
        tuple(
            (row.corpus, row.construct, row.over, estimate(row.gain, signed=True)) for row in rows
        ),
    )


def correlation_table(rows: Sequence[CorrelationRow]) -> Table:
    """Correlations of scores."""
    return Table(
        "Correlations of scores over messages",
        ("Corpus", "Between", "Pearson (95 % interval)", "Of ranks", "Of the labels"),
        tuple(
            (
                row.corpus,
                f"{row.one} and {row.other}",
                estimate(row.pearson, signed=True) if row.pearson.value is not None else NO_VALUE,
                number(row.spearman, signed=True),
                number(row.of_labels, signed=True),
            )
            for row in rows
        ),
    )


def table_of(table: FlatTable) -> Table:
    """A flat table as text."""
    columns = tuple(table.rows[0]) if table.rows else ()
    return Table(
        table.caption,
        tuple(name.replace("_", " ").capitalize() for name in columns),
        tuple(tuple(_cell(row[name]) for name in columns) for row in table.rows),
    )


def _cell(value: Cell) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    return NO_VALUE if value is None else str(value)
