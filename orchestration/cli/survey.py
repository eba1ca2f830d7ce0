"""`tideline survey`: weekly means of a short scale that groups answered."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assets.core.errors import CATALOGUE, ConsentError, SetupError, refuse_as
from orchestration.cli.console import screen, table
from orchestration.cli.gone import say_what_is_gone
from orchestration.cli.session import Session, open_session
from resources.stores.consent.consent_terms import Scope
from resources.stores.leaving.leaving import Gone
from resources.stores.ledger import Kind
from resources.stores.surveys.survey_store import COLUMNS, SurveyMean, SurveyStore

if TYPE_CHECKING:
    from evaluation.validity.pulse_survey import SurveyFault

app = typer.Typer(
    help="Keep what groups say of themselves in pulse surveys, to compare scores with.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="survey")


_LARGEST_FILE = 20_000_000


@app.callback()
def survey() -> None:
    """Keep what groups say of themselves in pulse surveys, to compare scores with."""


@app.command("import")
def imports(
    file: Annotated[Path, typer.Argument(help=f"CSV with the columns {', '.join(COLUMNS)}.")],
    low: Annotated[float, typer.Option("--low", help="Lowest answer of the scale.")],
    high: Annotated[float, typer.Option("--high", help="Highest answer of the scale.")],
) -> None:
    """Import weekly means of groups; each week, group and construct once.

    A row is a group's mean of at least 5 people in a week that is over (its Monday, such as
    2026-10-05); higher must mean more of the construct. A file with any fault is refused whole,
    and the lines at fault are shown. Means are kept encrypted and never shown.
    """
    from evaluation.validity.pulse_survey import read_survey  # noqa: PLC0415  (slow imports)

    session = open_session()
    means, faults = read_survey(_text(file), low=low, high=high, today=session.clock.today())
    faults += _without_consent(session, means)
    if faults:
        _show(faults)
        raise _as_error(faults[0].code)
    stored = _store(session).add(means)
    out = screen()
    out.print(f"{stored} new weekly means stored, {len(means) - stored} were known.", markup=False)
    out.print("The asset validity_report compares them once there are 8 weeks of both.")


@app.command("forget")
def forgets(
    group: Annotated[str, typer.Argument(help="Group reference, such as g-7f3a91c2.")],
) -> None:
    """Destroy all that was imported of a group."""
    session = open_session()
    gone = session.ways_out.leaving.forget_surveys(group, session.clock.now())
    count = gone.counts[Kind.SURVEYS_DELETED]
    screen().print(f"{count} weeks of {group} destroyed.", markup=False)
    say_what_is_gone(Gone(failures=gone.failures))


def _text(file: Path) -> str:
    with refuse_as(SetupError("FILE_NOT_FOUND"), OSError):
        content = file.read_bytes()
    if len(content) > _LARGEST_FILE:
        raise SetupError("SURVEY_UNREADABLE")
    with refuse_as(SetupError("SURVEY_UNREADABLE"), UnicodeDecodeError):
        return content.decode("utf-8-sig")


def _without_consent(session: Session, means: list[SurveyMean]) -> "list[SurveyFault]":
    """A fault for each group and week that no consent covers; line 0, for it concerns several."""
    from evaluation.validity.pulse_survey import SurveyFault  # noqa: PLC0415

    consents = session.register.consents()
    today, mode = session.clock.today(), session.home.config.mode
    codes = {
        "GROUP_UNKNOWN"
        if one.group_ref not in consents
        else "SCOPE_NOT_AGREED"
        if Scope.SURVEYS not in consents[one.group_ref].scopes
        else consents[one.group_ref].refusal(one.week, today, mode)
        for one in means
    }
    return [SurveyFault(0, code) for code in sorted(code for code in codes if code)]


def _show(faults: "list[SurveyFault]") -> None:
    rows = table("line", "code", "what happened")
    for fault in faults[:50]:
        line = str(fault.line) if fault.line else "some"
        rows.add_row(line, fault.code, CATALOGUE[fault.code].happened)
    screen().print(rows)
    if len(faults) > 50:  # noqa: PLR2004
        screen().print(f"... and {len(faults) - 50} more.", markup=False)


def _as_error(code: str) -> SetupError | ConsentError:
    return SetupError(code) if code.startswith("SURVEY_") else ConsentError(code)


def _store(session: Session) -> SurveyStore:
    return session.ways_out.surveys
