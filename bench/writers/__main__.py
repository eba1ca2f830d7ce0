"""`python -m bench.writers left-out CORPORA`, `… stolen CORPORA`."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.construct_model.lessons import read_lessons
from assets.restricted.scoring.construct_model.training import embedder
from assets.restricted.scoring.construct_model.writers import BY_WRITER, read_controls
from assets.restricted.scrubbing import Scrubber
from evaluation.writers.left_out import (
    MEAN_BAR,
    MOST_BELOW_READER,
    leave_out,
    mean_areas,
    writer_rows,
)
from evaluation.writers.level import moves
from evaluation.writers.writers_part import pool_of
from resources.models.sentence_encoder import load_encoder

app = typer.Typer(help=__doc__, no_args_is_help=True, rich_markup_mode=None)

Corpora = Annotated[Path, typer.Argument(help="Folder with constructs/ and care_messages/.")]


@app.command("left-out")
def left_out(corpora: Corpora) -> None:
    """Areas, ceilings and moves of the line, on writers who were left out; takes some minutes."""
    embed = embedder(Scrubber.load().scrub, load_encoder().read)
    lessons = read_lessons(corpora, embed, tell=lambda step: print(step, flush=True))
    controls = {name: embed(texts) for name, texts in read_controls().items()}
    found = leave_out(lessons, controls)
    rows = writer_rows(found, draws=200)
    committed = [file.stem for file in BY_WRITER.glob("*.csv")]
    print(f"{'writer':10} {'construct':11} area (95 %)            reader  below")
    for one in rows:
        low, high = one.area.low or 0, one.area.high or 0
        missed = "" if one.below is None or one.below <= MOST_BELOW_READER else "  missed"
        print(
            f"{one.writer:10} {one.construct:11} {one.area.value:.3f} ({low:.3f} to {high:.3f})"
            f"   {one.second_reader:.3f}   {one.below:+.3f}{missed}"
        )
    means = mean_areas(rows, committed)
    for construct, mean in means.items():
        below = sum(
            one.below is not None and one.below > MOST_BELOW_READER
            for one in rows
            if one.construct == construct
        )
        print(f"{construct:11} mean {mean:.3f} (aim {MEAN_BAR}), writers too far below: {below}")
    for construct in CONSTRUCTS:
        print(f"\n{construct}: how far the line moves")
        for move in moves(pool_of(found, construct)):
            print(f"  {move.change:55} {move.move:+.4f}  {'' if move.reached else 'missed'}")


@app.command()
def stolen(corpora: Corpora, pool: int = 4000) -> None:
    """What a thief with live keys reads of stored vectors, beside wide ones."""
    from assets.restricted.scoring.construct_model.corpora import read_public  # noqa: PLC0415
    from assets.restricted.scrubbing.words_to_embed import words_to_embed  # noqa: PLC0415
    from evaluation.leaks.attacks import inversion, retrieval, word_presence  # noqa: PLC0415
    from evaluation.validity.examples import examples_of  # noqa: PLC0415
    from resources.models.narrow_encoder import read_narrowing  # noqa: PLC0415

    learnt, _ = read_public(corpora)
    scrub = Scrubber.load().scrub
    texts = [
        words_to_embed(text)
        for one in learnt
        if one.name != "goemotions anger"
        for text in examples_of(one, scrub, most=pool // 2).scrubbed
    ]
    rng = np.random.default_rng(5)
    distinct = [text for text in dict.fromkeys(texts) if len(text.split()) >= 3]
    chosen = [distinct[i] for i in rng.permutation(len(distinct))[:pool]]
    read, words = load_encoder().read(chosen), word_presence(chosen)
    stored, own = np.arange(len(chosen) // 3), np.arange(len(chosen) // 3, len(chosen))
    for name, vectors in {"wide": read.vectors, "stored": read_narrowing().of(read)}.items():
        found = retrieval(vectors[stored], vectors, stored)
        word = inversion(vectors[own], words[own], vectors[stored], words[stored])
        print(
            f"{name:7} {vectors.shape[1]:4} numbers: top-1 {found.top_1:.1%}, top-10"
            f" {found.top_10:.1%} of {len(chosen)}; likeliest word right {word.word:.1%}"
            f" (commonest {word.commonest:.1%})"
        )


if __name__ == "__main__":
    app()
