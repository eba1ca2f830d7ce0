"""The table and the plots, from what was measured."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bench.suite.figures import Growth, Part, Stage, Way

BEGIN, END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"
PLOTS = {"messages": "messages.svg", "groups": "groups.svg", "days": "days.svg"}


def table(parts: Mapping[str, Part]) -> str:
    """What stands between `BEGIN` and `END`."""
    return "\n".join(_lines(parts)) + "\n"


def write_table(page: Path, parts: Mapping[str, Part]) -> None:
    """Put the table into the page; what stands around it stays."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(before + BEGIN + "\n" + table(parts) + "\n" + END + after, "utf-8")


def _lines(parts: Mapping[str, Part]) -> Iterator[str]:
    for name, part in parts.items():
        yield f"- `{name}`: measured on {part.measured_on}; {part.machine}"
        if part.left_out:
            yield f"  - left out, for they were not installed: {', '.join(part.left_out)}"
    yield ""
    yield "| stage | way | CPU-ms for one | of | times Tideline's | MiB |"
    yield "|---|---|---:|---|---:|---:|"
    for stage in _stages(parts.values()):
        for way in stage.ways:
            yield _row(stage, way)
    growths = [one for part in parts.values() for one in part.growths]
    if growths:
        yield ""
        yield "| what | grows by | CPU-seconds | for one more | R² of a straight line |"
        yield "|---|---|---|---:|---:|"
        for one in growths:
            yield _growth_row(one)
    for by in _grown(growths):
        yield ""
        yield f"![CPU-seconds by {by}](performance/{PLOTS[by]})"


def _row(stage: Stage, way: Way) -> str:
    name = f"*{way.name}*" if way.is_limit else way.name
    times = "" if way is stage.ways[0] else f"{stage.times(way):.2g}"
    mib = "" if way.largest_mib is None else f"{way.largest_mib:.0f}"
    unit = f"{stage.amount:,} {stage.unit}{'s' if stage.amount > 1 else ''}"
    each = f"{way.each * 1e3:,.0f}" if way.each >= 1 else f"{way.each * 1e3:.3g}"
    return f"| {stage.name} | {name} | {each} | {unit} | {times} | {mib} |"


def _growth_row(one: Growth) -> str:
    told = ", ".join(
        f"{amount:,}: {spent:.3g}"
        for amount, spent in zip(one.amounts, one.cpu_seconds, strict=True)
    )
    if len(one.amounts) < 3:
        return f"| {one.name} | {one.by} | {told} | | |"
    slope, _, squared = one.fit
    return f"| {one.name} | {one.by} | {told} | {slope * 1e3:.3g} ms | {squared:.4f} |"


def _stages(parts: Iterable[Part]) -> Iterator[Stage]:
    for part in parts:
        yield from part.stages


def _grown(growths: Iterable[Growth]) -> list[str]:
    return [by for by in PLOTS if any(one.by == by for one in growths)]


def write_plots(folder: Path, parts: Mapping[str, Part]) -> None:
    """A plot for each thing that grows, both axes by powers of ten."""
    import matplotlib as mpl  # noqa: PLC0415  (slow to import)

    mpl.use("svg")
    # The same figures make the same file.
    mpl.rcParams["svg.hashsalt"] = "tideline"
    import matplotlib.pyplot as plt  # noqa: PLC0415

    growths = [one for part in parts.values() for one in part.growths]
    folder.mkdir(parents=True, exist_ok=True)
    for by in _grown(growths):
        figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
        for one, mark in zip([one for one in growths if one.by == by], "os^D", strict=False):
            axes.loglog(one.amounts, one.cpu_seconds, marker=mark, label=one.name)
        axes.set_xlabel(by)
        axes.set_ylabel("CPU-seconds")
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.legend(frameon=False)
        figure.savefig(folder / PLOTS[by], metadata={"Date": None})
        plt.close(figure)
