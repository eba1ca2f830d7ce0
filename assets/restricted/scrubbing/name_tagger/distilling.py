"""Trains a tagger of few layers to say what the tagger of six says.

Flair learns from labels alone, so this is a loop of its own in PyTorch. It needs the extra `train`.
Deterministic for one machine and one set of versions, as training.py is.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assets.restricted.scrubbing.name_tagger.corpora import LABELS
from assets.restricted.scrubbing.name_tagger.ready_file import tagger_module
from assets.restricted.scrubbing.name_tagger.serving import MOST_PIECES_OF_A_WORD, WORDS_AT_ONCE
from assets.restricted.scrubbing.name_tagger.training import SEED
from assets.restricted.scrubbing.name_tagger.weights import changed_weights
from resources.models.minilm import minilm_tokenizer

if TYPE_CHECKING:
    import torch

UNKNOWN = -1
"""Label of a word that nobody tagged."""

BATCH_OF_TEACHER = 32
POOL = 40
"""Batches that are shuffled together and cut by length, so that little of a step is padding."""

_SURE = (-9.0, 5.0)
"""Log odds of a name beyond which nothing depends on them."""


@dataclass(frozen=True)
class Shown:
    """A message and what the large tagger says of it.

    Attributes:
        pieces: its word pieces, special ones included.
        first: for each word the place of its first piece.
        logits: float16, shape (words, labels).
        hidden: float16, shape (words, width): the last layer.
        labels: int, shape (words,): the tagged labels, or `UNKNOWN`.
    """

    pieces: list[int] = field(repr=False)
    first: list[int] = field(repr=False)
    logits: np.ndarray = field(repr=False)
    hidden: np.ndarray = field(repr=False)
    labels: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Distillation:
    """How a small tagger learns.

    Attributes:
        layers: which layers of the large tagger its own start from, the lowest first.
        epochs: passes over all messages.
        learning_rate: at its highest, after a warm-up; falls linearly.
        batch: messages in a step.
        of_labels: weight of the tagged labels beside the large tagger's probabilities (1).
        of_odds: weight of the squared distance of the log odds of a name, which the cut is set on.
        of_hidden: weight of the squared distance of the last layers.
    """

    layers: tuple[int, ...] = (2, 5)
    epochs: int = 2
    learning_rate: float = 5e-4
    batch: int = 32
    of_labels: float = 0.3
    of_odds: float = 0.03
    of_hidden: float = 1.0


def shown_by_teacher(
    messages: Sequence[tuple[tuple[str, ...], tuple[str, ...] | None]],
    encoder_folder: Path,
    weights: Path,
) -> list[Shown]:
    """What the large tagger says, in single precision.

    Args:
        messages: words of each, and their labels where tagged; words after `WORDS_AT_ONCE` are cut.
        encoder_folder: MiniLM's files.
        weights: of the large tagger.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415  (needs the extra)

    large: Any = tagger_module(encoder_folder, weights)
    tokenizer = Tokenizer.from_str(minilm_tokenizer(encoder_folder))
    begin, end, unknown = (tokenizer.token_to_id(one) for one in ("[CLS]", "[SEP]", "[UNK]"))
    distinct = list(dict.fromkeys(word for words, _ in messages for word in words))
    encoded = tokenizer.encode_batch(distinct, add_special_tokens=False)
    of_word = {
        word: one.ids[:MOST_PIECES_OF_A_WORD] or [unknown]
        for word, one in zip(distinct, encoded, strict=True)
    }
    shown = []
    at_once = 64 * BATCH_OF_TEACHER
    for start in range(0, len(messages), at_once):
        pieces: list[list[int]] = []
        firsts: list[list[int]] = []
        for words, _ in messages[start : start + at_once]:
            own, first = [begin], []
            for word in words[:WORDS_AT_ONCE]:
                first.append(len(own))
                own += of_word[word]
            pieces.append([*own, end])
            firsts.append(first)
        outputs = _said_by(large, pieces)
        for (_, labels), own, first, output in zip(
            messages[start : start + at_once], pieces, firsts, outputs, strict=True
        ):
            said = output[first].astype(np.float16)
            known = (
                [LABELS.index(label) for label in labels[: len(first)]]
                if labels is not None
                else [UNKNOWN] * len(first)
            )
            shown.append(
                Shown(own, first, said[:, : len(LABELS)], said[:, len(LABELS) :], np.array(known))
            )
    return shown


def _said_by(large: Any, pieces: Sequence[Sequence[int]]) -> list[np.ndarray]:
    """Logits and last layer of each text, shape (pieces, labels + width), in the order given."""
    import torch  # noqa: PLC0415  (needs the extra)

    said: list[np.ndarray] = [np.empty(0)] * len(pieces)
    order = sorted(range(len(pieces)), key=lambda i: len(pieces[i]))
    for start in range(0, len(order), BATCH_OF_TEACHER):
        own = order[start : start + BATCH_OF_TEACHER]
        ids = torch.zeros((len(own), max(len(pieces[i]) for i in own)), dtype=torch.int64)
        mask = torch.zeros_like(ids)
        for row, i in enumerate(own):
            ids[row, : len(pieces[i])] = torch.tensor(pieces[i])
            mask[row, : len(pieces[i])] = 1
        with torch.inference_mode():
            hidden = large.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            together = torch.cat([large.head(hidden), hidden], dim=-1).numpy()
        for row, i in enumerate(own):
            said[i] = together[row, : len(pieces[i])]
    return said


def distil(
    shown: Sequence[Shown],
    development: Sequence[Shown],
    encoder_folder: Path,
    weights: Path,
    plan: Distillation,
    *,
    tell: Callable[[str], None],
) -> "dict[str, torch.Tensor]":
    """Trains a small tagger.

    Args:
        shown: messages to learn from.
        development: messages on which each epoch is reported.
        encoder_folder: MiniLM's files.
        weights: of the large tagger, from whose layers and head the small one starts.
        plan: how it learns.
        tell: is told of each epoch.

    Returns:
        All its layers and the head in half precision, as `write_weights` takes them.
    """
    import torch  # noqa: PLC0415  (needs the extra)

    torch.manual_seed(SEED)
    chance = random.Random(SEED)  # noqa: S311  -- to be repeated, not to be secret
    small = _start(encoder_folder, weights, plan.layers)
    trained = [*small.encoder.encoder.parameters(), *small.head.parameters()]
    for parameter in small.encoder.embeddings.parameters():
        parameter.requires_grad = False
    steps = plan.epochs * (len(shown) // plan.batch + 1)
    optimiser = torch.optim.AdamW(trained, lr=plan.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (0.06 * steps), max(0.0, 1 - step / steps))
    )
    for epoch in range(plan.epochs):
        small.train()
        total, seen = 0.0, 0
        for own in _batches(shown, plan.batch, chance):
            optimiser.zero_grad()
            loss = _loss(small, own, plan)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimiser.step()
            schedule.step()
            total, seen = total + float(loss.detach()), seen + 1
            if seen % 200 == 0:
                tell(f"epoch {epoch + 1}, step {seen}: loss {total / seen:.4f}")
        small.eval()
        with torch.inference_mode():
            lost = [
                float(_loss(small, development[i : i + 64], plan))
                for i in range(0, len(development), 64)
            ]
        tell(f"epoch {epoch + 1}: {total / seen:.4f}, on development {np.mean(lost):.4f}")
    return changed_weights(small.encoder.state_dict(), small.head.state_dict(), 0)


def _start(encoder_folder: Path, weights: Path, layers: Sequence[int]) -> Any:
    import torch  # noqa: PLC0415  (needs the extra)

    small: Any = tagger_module(encoder_folder, weights)
    own = small.encoder.encoder.layer
    small.encoder.encoder.layer = torch.nn.ModuleList(own[i] for i in layers)
    small.encoder.config.num_hidden_layers = len(layers)
    return small


def _batches(shown: Sequence[Shown], batch: int, chance: random.Random) -> "Iterator[list[Shown]]":
    order = list(range(len(shown)))
    chance.shuffle(order)
    batches = []
    for start in range(0, len(order), POOL * batch):
        own = sorted(order[start : start + POOL * batch], key=lambda i: len(shown[i].pieces))
        batches += [own[i : i + batch] for i in range(0, len(own), batch)]
    chance.shuffle(batches)
    for own in batches:
        yield [shown[i] for i in own]


def _loss(small: Any, own: Sequence[Shown], plan: Distillation) -> "torch.Tensor":
    import torch  # noqa: PLC0415  (needs the extra)
    from torch.nn import functional  # noqa: PLC0415

    longest = max(len(one.pieces) for one in own)
    ids = torch.zeros((len(own), longest), dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for row, one in enumerate(own):
        ids[row, : len(one.pieces)] = torch.tensor(one.pieces)
        mask[row, : len(one.pieces)] = 1
    flat = torch.tensor([row * longest + i for row, one in enumerate(own) for i in one.first])
    output = small.encoder(input_ids=ids, attention_mask=mask, token_type_ids=torch.zeros_like(ids))
    hidden = output.last_hidden_state.flatten(0, 1)[flat]
    logits = small.head(functional.dropout(hidden, 0.1, small.training))
    meant = torch.from_numpy(np.concatenate([one.logits for one in own]).astype(np.float32))
    hidden_meant = torch.from_numpy(np.concatenate([one.hidden for one in own]).astype(np.float32))
    labels = torch.from_numpy(np.concatenate([one.labels for one in own]))
    loss = functional.kl_div(
        functional.log_softmax(logits, -1),
        functional.log_softmax(meant, -1),
        reduction="batchmean",
        log_target=True,
    )
    loss = loss + plan.of_odds * functional.mse_loss(_odds(logits), _odds(meant))
    loss = loss + plan.of_hidden * functional.mse_loss(hidden, hidden_meant) / (
        hidden_meant.square().mean()
    )
    if bool((labels != UNKNOWN).any()):
        loss = loss + plan.of_labels * functional.cross_entropy(
            logits, labels, ignore_index=UNKNOWN
        )
    return loss


def _odds(logits: "torch.Tensor") -> "torch.Tensor":
    """Log odds that a word is part of a person's, place's or organisation's name."""
    import torch  # noqa: PLC0415  (needs the extra)

    names = torch.logsumexp(logits[:, 1:4], -1)
    return (names - torch.logsumexp(logits[:, [0, 4]], -1)).clamp(*_SURE)
