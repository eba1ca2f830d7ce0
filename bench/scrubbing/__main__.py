"""`python -m bench.scrubbing leaks`, `… origins`, `… languages`, `… speed`, `… cold` and others."""

import csv
import random
import resource
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from assets.restricted.scrubbing.capitals import Capitals
from assets.restricted.scrubbing.letters import Letters
from assets.restricted.scrubbing.name_tagger.corpora import read_care_chat, read_public
from assets.restricted.scrubbing.name_tagger.layer import NameLayer
from assets.restricted.scrubbing.name_tagger.serving import load_name_tagger
from assets.restricted.scrubbing.name_tagger.substitution import NAMES_FILE
from assets.restricted.scrubbing.patterns import Patterns
from assets.restricted.scrubbing.roster import Roster
from assets.restricted.scrubbing.scrubber import Layer, Scrubber
from assets.restricted.scrubbing.tagged_text import (
    NAME_KINDS,
    TaggedSpan,
    TaggedText,
    read_tagged_file,
)
from assets.restricted.scrubbing.titles import Titles
from assets.restricted.scrubbing.vocabulary import ClosedVocabulary
from assets.restricted.scrubbing.vocabulary_file import (
    load_frequent_names,
    load_vocabulary,
    load_word_names,
)
from bench.scrubbing.cold import cold_start
from bench.scrubbing.compared import HERE as ROOT
from bench.scrubbing.compared import WHOLE_PATH, compare, tree_of
from bench.scrubbing.counts import Survival, count_survival, interval
from bench.scrubbing.languages import report
from bench.scrubbing.parts import shares_of
from bench.scrubbing.whole_path import read_messages

HERE = Path(__file__).parent
HELD_OUT = HERE / "held_out.txt"
HELD_OUT_NAMES = HERE / "held_out_names.csv"
SEED = 4
COPIES = 3

app = typer.Typer(help=__doc__, no_args_is_help=True, rich_markup_mode=None)

Corpora = Annotated[
    Path | None,
    typer.Option(help="Folder with ner/: also measures on the unseen tenth of its train parts."),
]

WithMessages = Annotated[
    Path | None,
    typer.Option(help="Folder with real_sms/ and care_messages/; without, the held-out messages."),
]


@app.command()
def leaks(corpora: Corpora = None, words: bool = False) -> None:
    """What survives, layer by layer and kind by kind, on messages that nothing was tuned on."""
    sets = {"held-out care chat": read_tagged_file(HELD_OUT)}
    if corpora is not None:
        sets |= {f"{name}, unseen tenth": own for name, own in _unseen_tenth(corpora).items()}
    for name, messages in sets.items():
        print(f"\n{name}: {len(messages)} messages. Per cent surviving (95 % interval)")
        for layers, scrubber in _layer_by_layer():
            counts = count_survival(messages, scrubber.scrub([one.text for one in messages]))
            names = sum(counts.tokens[kind] for kind in NAME_KINDS)
            left = sum(counts.tokens_left[kind] for kind in NAME_KINDS)
            print(
                f"{layers:34} names {interval(left, names):20} ordinary words kept "
                f"{interval(counts.ordinary_kept, counts.ordinary)}"
            )
        _tell_kinds(counts)
        if words:
            print("left:", dict(counts.left_words))
            print("lost:", dict(counts.lost_words.most_common(200)))


@app.command()
def origins(learnt_too: bool = False) -> None:
    """Names that survive by where they come from: held-out names in the held-out messages.

    Names that the tagger was trained with are left out, unless --learnt-too.
    """
    learnt = set() if learnt_too else {name.casefold() for name in _learnt_names()}
    names: dict[str, dict[str, list[str]]] = {}
    with HELD_OUT_NAMES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            parts = names.setdefault(row["origin"], {"first": [], "last": []})
            for part, known in parts.items():
                if row[part].casefold() not in learnt:
                    known.append(row[part])
    chance = random.Random(SEED)
    messages = [
        one for one in read_tagged_file(HELD_OUT) if any(s.kind == "PER" for s in one.spans)
    ]
    scrubber = Scrubber.load()
    print(f"{len(messages)} messages, {COPIES} times; tokens surviving")
    for origin, own in sorted(names.items()):
        known = f"{len(own['first']):3} first, {len(own['last']):3} last names"
        if not own["first"] or not own["last"]:
            print(f"{origin:12} {known}: none of one part is new, so not measured")
            continue
        filled = [_with_names(one, own, chance) for one in messages * COPIES]
        counts = count_survival(filled, scrubber.scrub([one.text for one in filled]))
        share = interval(counts.tokens_left["PER"], counts.tokens["PER"])
        print(f"{origin:12} {known}  {counts.tokens['PER']:6} tokens  {share}")


@app.command()
def languages() -> None:
    """Words kept, messages dropped and what it does to scores, by first language and origin."""
    for line in report():
        print(line, flush=True)


@app.command()
def speed(
    corpora: WithMessages = None,
    against: Annotated[
        list[str] | None, typer.Option(help="A commit to compare with; more than one may be given.")
    ] = None,
    most: Annotated[int, typer.Option(help="Messages of a set.")] = 1000,
    alone: Annotated[int, typer.Option(help="Of these, one by one; 0 for none.")] = 60,
) -> None:
    """The whole path, by turns with other commits and with the usual tools one by one."""
    with ExitStack() as stack:
        trees = {commit: stack.enter_context(tree_of(commit)) for commit in against or []}
        for name in ("sms", "care") if corpora else ("own",):
            given = [name, str((corpora or HERE).resolve())]
            ways = {
                label: (tree, [str(WHOLE_PATH), *given, str(most)])
                for label, tree in {"this tree": ROOT, **trees}.items()
            }
            if alone:
                one_by_one = ["-m", "bench.scrubbing.one_by_one", *given, str(alone)]
                ways["one by one"] = (ROOT, one_by_one)
            rates = compare(ways)
            ours = rates["this tree"]
            print(f"{name}: messages, medians of three rounds by turns")
            for label, rate in rates.items():
                print(
                    f"  {label:12} {rate.a_cpu_second:8.1f} a CPU-second {rate.a_second:8.1f} a "
                    f"second; this tree {ours.a_cpu_second / rate.a_cpu_second:5.1f} and "
                    f"{ours.a_second / rate.a_second:5.1f} times",
                    flush=True,
                )


@app.command()
def parts(corpora: WithMessages = None, most: int = 800) -> None:
    """Which part of the whole path takes how much of it."""
    for name in ("sms", "care") if corpora else ("own",):
        each, shares = shares_of(read_messages(name, corpora or HERE, most))
        print(f"{name}: {each:.2f} CPU-milliseconds a message")
        for part, share in shares.items():
            print(f"  {part:20} {100 * share:5.1f} %")


@app.command()
def cold(
    against: Annotated[list[str] | None, typer.Option(help="A commit to compare with.")] = None,
) -> None:
    """CPU-seconds and resident memory of a process that scrubs its first message, three times."""
    with ExitStack() as stack:
        trees = {commit: stack.enter_context(tree_of(commit)) for commit in against or []}
        for label, tree in {"this tree": ROOT, **trees}.items():
            runs = sorted((cold_start(tree) for _ in range(3)), key=lambda run: run[-1].cpu)
            print(f"{label}: the run of median CPU time")
            for stage in runs[1]:
                print(f"  {stage.name:46} {stage.cpu:6.2f} CPU-s {stage.peak:6.0f} MB")


@app.command()
def memory(messages: int = 30_000) -> None:
    """How much the process grows between the first thousand messages and the last."""
    whole = Scrubber.load()
    for count in (1000, messages):
        whole.scrub(_texts(count))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{count:7} messages: {peak:.0f} MB at most so far")


def _layer_by_layer() -> Iterable[tuple[str, Scrubber]]:
    words, _ = load_vocabulary()
    usual, low = NameLayer(load_name_tagger(), 0.5), NameLayer(load_name_tagger())
    patterns: list[Layer] = [Patterns(), Letters()]
    yield "patterns", Scrubber(patterns)
    yield "+ tagger at a half", Scrubber([*patterns, usual], reader=usual)
    yield "+ tagger at its low cut", Scrubber([*patterns, low], reader=low)
    yield "+ capitals", Scrubber([*patterns, low, Capitals()], reader=low)
    vocabulary = ClosedVocabulary(words, load_word_names(), frequent_names=load_frequent_names())
    yield (
        "patterns + capitals + vocabulary",
        Scrubber([*patterns, Capitals(), ClosedVocabulary(words - load_word_names())]),
    )
    yield (
        "all, without a roster",
        Scrubber(
            [*patterns, Roster(), low, Capitals(), vocabulary, Titles(words, load_word_names())],
            reader=low,
            detector=patterns[0],
        ),
    )


def _tell_kinds(counts: Survival) -> None:
    for kind in sorted(counts.tokens):
        spans = (
            f"{counts.spans_left[kind]} of {counts.spans[kind]} spans" if ":" not in kind else ""
        )
        share = interval(counts.tokens_left[kind], counts.tokens[kind])
        print(f"  {kind:15} {counts.tokens[kind]:5} words {share:22} {spans}")
    print(f"  emoji {counts.emoji}, characters outside ASCII left {counts.emoji_left}")


def _unseen_tenth(corpora: Path) -> dict[str, list[TaggedText]]:
    tenth = {}
    for name, messages in read_public(corpora, "train").items():
        tenth[name] = []
        for one in messages:
            if not one.is_unseen_tenth:
                continue
            text, spans = "", []
            for word, label in zip(one.words, one.labels, strict=True):
                text += " " if text else ""
                if label in NAME_KINDS:
                    spans.append(TaggedSpan(len(text), len(text) + len(word), label))
                text += word
            tenth[name].append(TaggedText(text, tuple(spans)))
    return tenth


def _learnt_names() -> Iterable[str]:
    with NAMES_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield from row["name"].split()
    for one in read_care_chat():
        for span in one.spans:
            if span.kind == "PER":
                yield from one.text[span.start : span.end].removesuffix("'s").split()


def _with_names(
    tagged: TaggedText, names: Mapping[str, Sequence[str]], chance: random.Random
) -> TaggedText:
    text, spans, at = "", [], 0
    for span in tagged.spans:
        text += tagged.text[at : span.start]
        written = tagged.text[span.start : span.end]
        if span.kind == "PER":
            full = chance.choice(names["first"])
            if " " in written:
                full += f" {chance.choice(names['last'])}"
            ending = "'s" if written.lower().endswith("'s") else ""
            written = (full.lower() if written.islower() else full) + ending
        spans.append(TaggedSpan(len(text), len(text) + len(written), span.kind, span.origin))
        text += written
        at = span.end
    return TaggedText(text + tagged.text[at:], tuple(spans))


def _texts(count: int) -> list[str]:
    texts = [one.text for one in (*read_tagged_file(HELD_OUT), *read_care_chat())]
    random.Random(SEED).shuffle(texts)
    return (texts * (count // len(texts) + 1))[:count]


if __name__ == "__main__":
    app()
