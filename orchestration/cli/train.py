"""`tideline train`: rebuild what was trained or counted, and is committed."""

import os
from contextlib import suppress
from pathlib import Path

import typer

from assets.core.errors import SetupError
from orchestration.cli import train_validity
from orchestration.cli.console import progress, screen

app = typer.Typer(
    help="Rebuild committed word lists and models from the corpora at TIDELINE_CORPORA.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="train")


@app.callback()
def train() -> None:
    """Rebuild committed word lists and models. Needs the extra `train` (see README.md)."""


train_validity.add_to(app)


@app.command("vocabulary")
def vocabulary() -> None:
    """Rebuild the closed vocabulary in place; review the change as docs/vocabulary.md says."""
    from assets.restricted.scoring.construct_model.corpora import (  # noqa: PLC0415
        CONSTRUCT_CHAT,
        LEARNT,
        read_own,
    )
    from assets.restricted.scrubbing.name_tagger.corpora import read_care_chat  # noqa: PLC0415
    from assets.restricted.scrubbing.tagged_text import TaggedText, read_tagged_table  # noqa: PLC0415
    from assets.restricted.scrubbing.vocabulary_build import (  # noqa: PLC0415  (needs the extra)
        HandWritten,
        build_vocabulary,
        write_vocabulary,
    )
    from assets.restricted.scrubbing.vocabulary_file import VOCABULARY_FILE  # noqa: PLC0415

    corpora = os.environ.get("TIDELINE_CORPORA")
    words = None
    with progress("counting words"), suppress(FileNotFoundError, ModuleNotFoundError):
        words = build_vocabulary(
            Path(corpora or "corpora"),
            HandWritten.read(VOCABULARY_FILE.parent),
            [
                *read_care_chat(),
                *(TaggedText(text, ()) for text in read_own(LEARNT).texts),
                *(
                    message
                    for path in sorted((CONSTRUCT_CHAT / "by_writer").glob("*.csv"))
                    for message in read_tagged_table(path)
                ),
            ],
        )
    if words is None:
        raise SetupError("CORPORA_MISSING")
    write_vocabulary(words, VOCABULARY_FILE)
    screen().print(f"{len(words)} words. Next: look at `git diff` word by word.", markup=False)


@app.command("tagger")
def tagger() -> None:
    """Train the name tagger anew, about 45 minutes on two cores; then measure it with bench/."""
    from assets.restricted.scoring.construct_model.corpora import (  # noqa: PLC0415
        LEARNT,
        read_own,
        read_public,
    )
    from assets.restricted.scrubbing.name_tagger.targets import Untagged, train_from  # noqa: PLC0415  (needs the extra)
    from assets.restricted.scrubbing.name_tagger.weights import WEIGHTS_FILE  # noqa: PLC0415
    from resources.models.minilm import model_folder  # noqa: PLC0415

    corpora = Path(os.environ.get("TIDELINE_CORPORA") or "corpora")
    digest = None
    with suppress(FileNotFoundError, ModuleNotFoundError):
        learnt, _ = read_public(corpora)
        emotions = next(one.texts for one in learnt if one.name == "goemotions")
        digest = train_from(
            corpora,
            model_folder(),
            WEIGHTS_FILE,
            untagged=Untagged(read_own(LEARNT).texts, emotions),
            tell=screen().print,
        )
    if digest is None:
        raise SetupError("CORPORA_MISSING")
    screen().print(f"weights {digest}. Next: `tideline train ready-files`.", markup=False)


@app.command("ready-files")
def ready_files() -> None:
    """Build what is served from the weights of tagger and encoder; then train the constructs."""
    from assets.restricted.scrubbing.name_tagger.ready_file import build_tagger_file  # noqa: PLC0415  (needs the extra)
    from resources.models.encoder_file import build_encoder  # noqa: PLC0415
    from resources.models.minilm import model_folder  # noqa: PLC0415

    folder = model_folder()
    built = None
    with suppress(ModuleNotFoundError):
        built = build_tagger_file(folder), build_encoder(folder)
    if built is None:
        raise SetupError("CORPORA_MISSING")
    screen().print(
        f"tagger {built[0]}, encoder {built[1]}. Next: `python -m bench.scrubbing leaks`,"
        " `tideline train constructs`, and MODEL_CARD.md.",
        markup=False,
    )


@app.command("constructs")
def constructs() -> None:
    """Train the construct models anew, some minutes; then look at MODEL_CARD.md and the report."""
    from assets.restricted.scoring.construct_model.training import embedder, train_constructs  # noqa: PLC0415  (imports scikit-learn)
    from assets.restricted.scrubbing import Scrubber  # noqa: PLC0415
    from resources.models.sentence_encoder import load_encoder  # noqa: PLC0415

    corpora = os.environ.get("TIDELINE_CORPORA")
    embed = embedder(Scrubber.load().scrub, load_encoder().read)
    version = None
    with suppress(FileNotFoundError):
        version = train_constructs(Path(corpora or "corpora"), embed, tell=screen().print)
    if version is None:
        raise SetupError("CORPORA_MISSING")
    screen().print(f"{version}. Next: `tideline train validity`.", markup=False)
