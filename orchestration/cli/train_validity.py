"""`tideline train validity`: measure the models in use, and write the committed report."""

import atexit
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Annotated

import typer

from assets.core.errors import SetupError
from orchestration.cli.console import progress, screen
from resources.base.clock import Clock

if TYPE_CHECKING:
    from evaluation.leaks.stored_leaks import AuditStores
    from evaluation.validity.report import ValidityReport


def add_to(app: typer.Typer) -> None:
    """Add the command `validity`."""
    app.command("validity")(validity)


def validity(
    most: Annotated[
        int, typer.Option(min=1, help="Messages of each public corpus, drawn by seed.")
    ] = 3000,
    leaks: Annotated[bool, typer.Option(help="Run the leak audit too.")] = True,
) -> None:
    """Measure the models in use on what they have not learnt, and write the committed report."""
    from evaluation.validity.report import COMMITTED, as_json  # noqa: PLC0415
    from resources.base.files import write_once  # noqa: PLC0415

    corpora = Path(os.environ.get("TIDELINE_CORPORA") or "corpora")
    report = None
    with progress("measuring"), suppress(FileNotFoundError, ModuleNotFoundError):
        report = _measured(corpora, most, leaks=leaks)
    if report is None:
        raise SetupError("CORPORA_MISSING")
    write_once(COMMITTED, as_json(report).encode("utf-8"), mode=0o644)
    from evaluation.validity.targets import bar_results  # noqa: PLC0415

    out = screen()
    for one in bar_results(report.accuracy):
        out.print(
            f"{one.outcome:24} {one.bar.corpus}, {one.bar.construct}: {one.bar.measure}",
            markup=False,
        )
    out.print("Next: look at `git diff` of validity.json, and at MODEL_CARD.md.", markup=False)


def _measured(corpora: Path, most: int, *, leaks: bool) -> "ValidityReport":
    from assets.restricted.scoring import score_texts  # noqa: PLC0415  (loads models)
    from assets.restricted.scoring.construct_model.lessons import read_lessons  # noqa: PLC0415
    from assets.restricted.scoring.construct_model.model import (  # noqa: PLC0415
        load_construct_model,
    )
    from assets.restricted.scoring.construct_model.training import embedder  # noqa: PLC0415
    from assets.restricted.scoring.construct_model.writers import (  # noqa: PLC0415
        BY_WRITER,
        read_controls,
    )
    from assets.restricted.scrubbing.scrubber import Scrubber  # noqa: PLC0415
    from evaluation.validity import measuring, other_parts  # noqa: PLC0415
    from evaluation.validity.models_in_use import models_in_use  # noqa: PLC0415
    from evaluation.validity.power import power_table  # noqa: PLC0415
    from evaluation.validity.reliability import reliability_table  # noqa: PLC0415
    from evaluation.validity.report import Measured  # noqa: PLC0415
    from evaluation.writers.left_out import leave_out  # noqa: PLC0415
    from evaluation.writers.writers_part import writers_parts  # noqa: PLC0415
    from resources.models.narrow_encoder import load_narrow_encoder  # noqa: PLC0415
    from resources.models.sentence_encoder import load_encoder  # noqa: PLC0415

    encoder, models = load_encoder(), models_in_use()
    own = Measured(measuring.COMMAND, models)
    read = measuring.read_corpora(corpora, Scrubber.load().scrub, most=most)
    scores, shows = measuring.scores_and_labels(score_texts, read.own_held_out)
    of_days = {c: curve.score for c, curve in load_construct_model().curves.items()}
    parts = [
        other_parts.power_part(power_table(scores, shows, of_days), own),
        other_parts.reliability_part(reliability_table(scores, shows, of_days), own),
    ]
    embed = embedder(Scrubber.load().scrub, encoder.read)
    lessons = read_lessons(corpora, embed, tell=lambda _: None)
    controls = {name: embed(texts) for name, texts in read_controls().items()}
    committed = [file.stem for file in BY_WRITER.glob("*.csv")]
    parts += writers_parts(leave_out(lessons, controls), committed, own)
    if leaks:
        scrubbed = [text for one in read.public_learnt for text in one.scrubbed]
        with _stores() as stores:
            now = Clock().now()
            narrow = load_narrow_encoder()
            parts.append(other_parts.leaks_of(scrubbed, score_texts, narrow, stores, now, own))
    return measuring.measure(score_texts, read, encoder, models, parts=parts)


@contextmanager
def _stores() -> "Iterator[AuditStores]":
    """Stores of a home that is made for the audit and deleted at exit, always embedded."""
    from evaluation.leaks.stored_leaks import AuditStores  # noqa: PLC0415
    from resources.base.database.connection import Database  # noqa: PLC0415
    from resources.base.database.postgres import postgres_url  # noqa: PLC0415
    from resources.maintenance.database_setup import set_up  # noqa: PLC0415

    configured = os.environ.pop("TIDELINE_PG_URL", None)
    root = Path(mkdtemp(prefix="tideline-audit-"))
    # Registered before the server starts, so that it is called after the server has stopped.
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    try:
        url = postgres_url(root / "postgres")
        set_up(url)
        database = Database(url)
        keys = root / "keys"
        keys.mkdir(mode=0o700)
        yield AuditStores(database, root / "vectors", keys, secrets.token_bytes(32))
        database.dispose()
    finally:
        if configured is not None:
            os.environ["TIDELINE_PG_URL"] = configured
