"""Trains the tagger with Flair: a SequenceTagger over MiniLM, its lower layers frozen.

Needs the extra `train`. The result is deterministic for one machine and one set of versions;
floating-point sums differ between machines, so a rebuilt file need not have the same digest.
"""

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from assets.restricted.scrubbing.name_tagger.corpora import LABELS, TaggedWords
from assets.restricted.scrubbing.name_tagger.weights import (
    HEAD,
    LAYERS,
    changed_weights,
    layers_of,
    read_weights,
)

if TYPE_CHECKING:
    import torch
    from flair.data import Sentence
    from flair.models import SequenceTagger

FIRST_TRAINED_LAYER = 2
"""Of six, counted from 0. The layers below stay MiniLM's own: half the work and size, and fewer
parameters to learn 20,000 messages by heart with."""

TAG = "name"
DROPOUT = 0.1
SEED = 20261122


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train.

    Attributes:
        epochs: passes over all messages.
        learning_rate: of the encoder's layers, falling linearly after a warm-up.
        head_learning_rate: of the new head.
        batch: messages in a step.
    """

    epochs: int = 4
    learning_rate: float = 3e-4
    head_learning_rate: float = 2e-3
    batch: int = 32


def train_tagger(
    messages: Sequence[TaggedWords],
    development: Sequence[TaggedWords],
    encoder_folder: Path,
    plan: Plan | None = None,
    *,
    start_from: Path | None = None,
) -> "dict[str, torch.Tensor]":
    """Trains a tagger.

    Args:
        messages: what to learn from.
        development: what to report the loss and F1 on after each epoch.
        encoder_folder: MiniLM's files.
        plan: how long and fast.
        start_from: weights to go on from.

    Returns:
        The changed weights in half precision, as `write_weights` takes them.

    Raises:
        ModuleNotFoundError: where Flair is not installed.
    """
    import flair  # noqa: PLC0415  (needs the extra)
    from flair.data import Corpus  # noqa: PLC0415
    from flair.datasets import FlairDatapointDataset  # noqa: PLC0415
    from flair.trainers import ModelTrainer  # noqa: PLC0415

    plan = plan or Plan()
    # It says of no type what it gives, and who looks for that reads two thousand files.
    cast("Any", flair).set_seed(SEED)
    tagger = build_tagger(encoder_folder, start_from)
    encoder = _encoder(tagger)
    for name, parameter in encoder.named_parameters():
        parameter.requires_grad = (
            name.startswith(LAYERS) and int(name.split(".")[2]) >= FIRST_TRAINED_LAYER
        )
    corpus = Corpus(
        train=FlairDatapointDataset([_sentence(one) for one in messages if one.words]),
        dev=FlairDatapointDataset([_sentence(one) for one in development if one.words]),
        sample_missing_splits=False,
    )
    with tempfile.TemporaryDirectory() as folder:
        ModelTrainer(tagger, corpus).fine_tune(
            folder,
            learning_rate=plan.learning_rate,
            decoder_learning_rate=plan.head_learning_rate,
            mini_batch_size=plan.batch,
            eval_batch_size=64,
            max_epochs=plan.epochs,
            sampler=length_sampler(plan.batch),
            use_final_model_for_eval=True,
            save_final_model=False,
            create_file_logs=False,
            create_loss_file=False,
        )
    return changed_weights(encoder.state_dict(), tagger.linear.state_dict(), FIRST_TRAINED_LAYER)


def build_tagger(encoder_folder: Path, weights: Path | None = None) -> "SequenceTagger":
    """The Flair tagger: MiniLM, first word piece of each word, one linear head, no CRF.

    Args:
        encoder_folder: MiniLM's files.
        weights: trained weights, which say how many layers there are; without them six and a random
            head.
    """
    from flair.data import Dictionary  # noqa: PLC0415  (needs the extra)
    from flair.embeddings import TransformerWordEmbeddings  # noqa: PLC0415
    from flair.models import SequenceTagger  # noqa: PLC0415

    labels = Dictionary(add_unk=False)
    for label in LABELS:
        labels.add_item(label)
    tagger = SequenceTagger(
        embeddings=TransformerWordEmbeddings(
            str(encoder_folder),
            layers="-1",
            subtoken_pooling="first",
            fine_tune=True,
            use_context=False,
        ),
        tag_dictionary=labels,
        tag_type=TAG,
        use_crf=False,
        use_rnn=False,
        reproject_embeddings=False,
        dropout=DROPOUT,
        word_dropout=0.0,
        locked_dropout=0.0,
    )
    if weights is not None:
        read = read_weights(weights)
        head = {name: tensor for name, tensor in read.items() if name.startswith(HEAD)}
        tagger.linear.load_state_dict({n.removeprefix(HEAD): t for n, t in head.items()})
        encoder: Any = _encoder(tagger)
        encoder.encoder.layer = encoder.encoder.layer[: layers_of(read)]
        encoder.config.num_hidden_layers = len(encoder.encoder.layer)
        encoder.load_state_dict(
            {name: tensor for name, tensor in read.items() if name not in head}, strict=False
        )
    return tagger


def length_sampler(batch: int) -> object:
    """Shuffles, then sorts within pools of batches, so that little of a step is padding."""
    from flair.samplers import FlairSampler  # noqa: PLC0415  (needs the extra)

    class LengthSampler(FlairSampler):
        def __iter__(self) -> Iterator[int]:
            order = list(range(self.num_samples))
            random.shuffle(order)
            pool = 40 * batch
            batches = []
            for start in range(0, len(order), pool):
                own = sorted(order[start : start + pool], key=self._length)
                batches += [own[i : i + batch] for i in range(0, len(own), batch)]
            random.shuffle(batches)
            # A short batch in the middle would shift those after it against their bounds.
            batches.sort(key=len, reverse=True)
            return iter([i for own in batches for i in own])

        def _length(self, i: int) -> int:
            return len(self.data_source[i])

    return LengthSampler()


def _sentence(one: TaggedWords) -> "Sentence":
    from flair.data import Sentence  # noqa: PLC0415  (needs the extra)

    sentence = Sentence(list(one.words))
    for token, label in zip(sentence, one.labels, strict=True):
        token.add_label(TAG, label)
    return sentence


def _encoder(tagger: "SequenceTagger") -> "torch.nn.Module":
    return cast("torch.nn.Module", tagger.embeddings.model)
