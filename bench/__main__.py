"""What everything costs, beside what somebody would pick instead: `python -m bench`.

Writes the table of docs/performance.md and its plots, and keeps the figures beside them, so that
one part can be measured anew: `python -m bench --part reading --part messages`. Figures are
CPU-seconds: those change little with what else the machine does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bench.suite.figures import Part, read_parts, write_parts
from bench.suite.report import write_plots, write_table

DOCS = Path(__file__).resolve().parents[1] / "docs"


class Form(StrEnum):
    """How much is measured."""

    SMALL = "small"
    FULL = "full"


class Name(StrEnum):
    """The parts of the suite."""

    READING = "reading"
    MESSAGES = "messages"
    START = "start"
    GROUPS = "groups"
    DAYS = "days"
    STEPS = "steps"


@dataclass(frozen=True)
class _Amounts:
    read: int
    read_growth: list[int]
    scrubbed: int
    alone: int
    scrubbed_growth: list[int]
    rounds: int
    groups: list[int]
    older: int
    days: list[int]
    apart: int


AMOUNTS = {
    Form.SMALL: _Amounts(
        50_000, [1_000, 10_000, 100_000, 1_000_000], 400, 60, [250, 500, 1_000], 3,
        [5, 10, 20], 1_000, [5, 15, 30], 3,
    ),
    Form.FULL: _Amounts(
        200_000, [1_000, 10_000, 100_000, 1_000_000], 2_000, 200,
        [1_000, 10_000, 100_000, 1_000_000], 3, [10, 30, 100, 300, 1_000], 20_000,
        [30, 60, 120, 365, 730], 30,
    ),
}  # fmt: skip


def main(
    part: Annotated[list[Name] | None, typer.Option(help="Only this one; else all.")] = None,
    form: Annotated[Form, typer.Option(help="full takes hours.")] = Form.SMALL,
    peers: Annotated[
        str | None, typer.Option(help="An interpreter that has whatstk and chat-miner.")
    ] = None,
    corpora: Annotated[Path | None, typer.Option(help="Folder with care_messages/.")] = None,
    into: Annotated[Path, typer.Option(help="Folder of performance.md.")] = DOCS,
) -> None:
    """Measure, and write what was found."""
    file = into / "performance" / "figures.json"
    runs = _runs(AMOUNTS[form], peers, corpora)
    for name in part or list(Name):
        typer.echo(f"measuring {name.value} …")
        found = runs[name]()
        # Another part may have been measured beside this one.
        parts = read_parts(file) | {name.value: found}
        ordered = {one.value: parts[one.value] for one in Name if one.value in parts}
        write_parts(file, ordered)
        write_table(into / "performance.md", ordered)
        write_plots(into / "performance", ordered)


def _runs(
    much: _Amounts, peers: str | None, corpora: Path | None
) -> dict[Name, Callable[[], Part]]:
    # Each loads what it measures, and another one should not have it in memory.
    def reading() -> Part:
        from bench.suite.reading import reading  # noqa: PLC0415

        return reading(much.read, much.read_growth, peers)

    def messages() -> Part:
        from bench.suite.messages import messages  # noqa: PLC0415

        return messages(corpora, much.scrubbed, much.alone, much.scrubbed_growth, much.rounds)

    def starting() -> Part:
        from bench.suite.starting import starting  # noqa: PLC0415

        return starting(much.rounds)

    def groups() -> Part:
        from bench.suite.whole import by_groups  # noqa: PLC0415

        return by_groups(much.groups, much.older)

    def days() -> Part:
        from bench.suite.whole import by_days  # noqa: PLC0415

        return by_days(much.days, much.apart)

    def steps() -> Part:
        from bench.suite.whole import by_steps  # noqa: PLC0415

        return by_steps(much.groups[-1], much.older)

    return {
        Name.READING: reading,
        Name.MESSAGES: messages,
        Name.START: starting,
        Name.GROUPS: groups,
        Name.DAYS: days,
        Name.STEPS: steps,
    }


if __name__ == "__main__":
    typer.run(main)
