"""`docs/obligations.md`, from `docs/obligations.yaml`: `python -m assets.core.obligation_table`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

PROJECT = Path(__file__).resolve().parents[2]
DATA = PROJECT / "docs" / "obligations.yaml"
PAGE = PROJECT / "docs" / "obligations.md"

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\n|]+$")]
Status = Literal["enforced", "evidenced", "partly", "missing", "does not apply"]
State = Literal["kept", "not kept", "not ours"]
WaitsFor = Literal["chain", "evidence", "records", "audit"]

_HEAD = """\
# Obligations, and what keeps each

What three texts ask of software such as this, in words of our own:

{sources}

This page is written by `python -m assets.core.obligation_table` from `docs/obligations.yaml`, and
`tests/core/test_obligation_table.py` holds that every file and test named here is there.
`python -m bench.controls` takes controls out one by one and says whether their tests notice.

- **enforced**: code refuses or stops, and a named test fails without that code;
- **evidenced**: nothing can stop it, but a record or page shows it, and a test holds that;
- **partly**, **missing**: as it says;
- **does not apply**: with the reason, and what shows it.

A row says what it does not do, whatever its status. {counts}.

"""


class Form(BaseModel):
    """Takes what it names and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Obligation(Form):
    """One row of the first table.

    Attributes:
        number: from 1.
        source: which text, and where in it.
        asks: the obligation.
        status: see the page's head.
        controls: files of the project.
        tests: `tests/FILE.py::FUNCTION`.
        record: what shows it, where that is neither code nor test.
        falls_short: what it does not do.
        why: why it does not apply.
        waits_for: work that is to settle it.
    """

    number: int
    source: Line
    asks: Line
    status: Status
    controls: tuple[Line, ...] = ()
    tests: tuple[Line, ...] = ()
    record: Line | None = None
    falls_short: Line | None = None
    why: Line | None = None
    waits_for: WaitsFor | None = None


class Principle(Form):
    """How one principle of UK GDPR, Art. 5, is kept."""

    article: Line
    principle: Line
    kept_by: Line
    controls: tuple[Line, ...] = Field(min_length=1)
    tests: tuple[Line, ...] = Field(min_length=1)


class Promise(Form):
    """A sentence of the notice, or a "will" of the policy."""

    number: int
    place: Line
    says: Line
    state: State
    because: Line
    waits_for: WaitsFor | None = None


class Obligations(Form):
    """All that the page says."""

    sources: dict[str, Line]
    obligations: tuple[Obligation, ...]
    principles: tuple[Principle, ...]
    notice_sentences: tuple[Promise, ...]
    policy_wills: tuple[Promise, ...]


def read_obligations(path: Path = DATA) -> Obligations:
    """The page's data.

    Raises:
        pydantic.ValidationError: a field that is not known, empty, or of more than one line.
    """
    return Obligations.model_validate(yaml.safe_load(path.read_text("utf-8")))


def obligation_table(data: Obligations) -> str:
    """The whole page."""
    sources = "\n".join(f"- *{name}*: {what}" for name, what in data.sources.items())
    counts = _counts((one.status for one in data.obligations), "Of {} rows")
    return "".join(
        [
            _HEAD.format(sources=sources, counts=counts),
            _table(
                ("#", "from", "what is asked", "status", "kept by", "shown by", "falls short"),
                [_row(one) for one in data.obligations],
            ),
            "\n## The principles of UK GDPR, Art. 5\n\n",
            _table(
                ("Art.", "principle", "how", "kept by", "shown by"),
                [
                    (
                        one.article,
                        one.principle,
                        one.kept_by,
                        _files(one.controls),
                        _tests(one.tests),
                    )
                    for one in data.principles
                ],
            ),
            "\n## The study's notice, sentence by sentence\n\n",
            "A notice that claims what is not so stops collection by the claim's name"
            " ([study.md](study.md), 'The notice').",
            f" {_counts((one.state for one in data.notice_sentences), 'Of {} sentences')}.\n\n",
            _promises(data.notice_sentences, "it says"),
            '\n## Every "will" of the policy\n\n',
            f"{_counts((one.state for one in data.policy_wills), 'Of {}')}.\n\n",
            _promises(data.policy_wills, "what will be done"),
        ]
    )


def _row(one: Obligation) -> tuple[str, ...]:
    shown = " ".join(filter(None, (_tests(one.tests), one.record)))
    status = one.status if one.waits_for is None else f"{one.status} (waits for {one.waits_for})"
    short = " ".join(filter(None, (one.why, one.falls_short)))
    kept_by = _files(one.controls)
    return (str(one.number), one.source, one.asks, f"**{status}**", kept_by, shown, short)


def _promises(promises: Sequence[Promise], says: str) -> str:
    return _table(
        ("#", "where", says, "", "by what, or why not"),
        [
            (str(one.number), one.place, one.says, f"**{one.state}**", one.because)
            for one in promises
        ],
    )


def _counts(of: Iterable[str], words: str) -> str:
    found = Counter(of)
    said = ", ".join(f"{many} {what}" for what, many in found.most_common())
    return f"{words.format(found.total())}: {said}"


def _files(paths: Sequence[str]) -> str:
    return ", ".join(f"[`{'/'.join(Path(one).parts[-2:])}`](../{one})" for one in paths)


def _tests(ids: Sequence[str]) -> str:
    parted = [one.partition("::") for one in ids]
    return ", ".join(f"[`{Path(file).stem}::{name}`](../{file})" for file, _, name in parted)


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(one)} |\n" for one in lines)


if __name__ == "__main__":
    PAGE.write_text(obligation_table(read_obligations()), "utf-8")
