"""Writes ready model files: a BERT with any number of layers, as an ONNX graph in 8-bit integers.

The graph is put together here, node by node, and not exported: each scale has to be of one row.

- Weights have one scale for each output column and 7 bits, because processors without VNNI add two
  products in 16 bits, which 8 bits times 8 bits would overflow. So the sums are exact, and the same
  with VNNI and without.
- Activations get their scale as they come, one for each word piece. ONNX Runtime's dynamic
  quantisation takes one from the whole batch, so that a text's numbers depend on its neighbours
  (docs/decisions/0016).
- The table of word pieces has one scale for each row. All else is single precision.
- What is not needed is left out (docs/decisions/0024): a tagger's last layer is finished for the
  pieces that are asked about, and no bias is added that another can stand for.

Needs the extra `train`.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

from resources.models.graph_nodes import MICROSOFT, Graph, Labels, Vectors, Weights
from resources.models.ready_model import DIGESTS_FILE, TOKENIZER

_LOWEST_OF_GELU = 0.17
"""No GELU falls below minus this, so a scale from its largest value covers its lowest too."""


def layer_count(weights: Weights) -> int:
    """How many layers the parameters are of."""
    return 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))


def write_ready_file(
    file: Path,
    weights: Weights,
    gives: Vectors | Labels,
    *,
    heads: int,
    tokenizer: str,
    weights_sha256: str,
    eight_bits: bool = True,
    digests: Path | None = DIGESTS_FILE,
) -> str:
    """Writes one ready file, and notes its digest.

    Args:
        file: what to write.
        weights: single precision; as many layers as there are.
        gives: what the file's output is.
        heads: of attention.
        tokenizer: as `Tokenizer.to_str` gives it, its truncation included.
        weights_sha256: names what the file is built from.
        eight_bits: False keeps single precision, to compare with.
        digests: where the digest is noted; None for nowhere.

    Returns:
        SHA-256 of the file in hexadecimal.

    Raises:
        ModuleNotFoundError: where onnx is not installed.
    """
    graph = Graph(eight_bits=eight_bits)
    hidden = _layers(graph, weights, heads, all_pieces=isinstance(gives, Vectors))
    if isinstance(gives, Vectors):
        graph.give_vectors(hidden, gives)
    else:
        graph.give_labels(hidden[-1], gives)
    model = graph.model()
    told = model.metadata_props.add()
    told.key, told.value = TOKENIZER, tokenizer
    content = model.SerializeToString(deterministic=True)
    file.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    if digests is not None:
        known = json.loads(digests.read_text("utf-8")) if digests.is_file() else {}
        known[file.name] = {"sha256": digest, "weights_sha256": weights_sha256}
        digests.write_text(f"{json.dumps(known, indent=2, sort_keys=True)}\n", "utf-8")
    return digest


def _layers(graph: Graph, weights: Weights, heads: int, *, all_pieces: bool) -> list[str]:
    """The words themselves and what each layer makes of them, each (rows, hidden).

    The last has a row for each piece only where `all_pieces`, otherwise for those asked about.
    """
    hidden = [graph.embeddings(weights)]
    for i in range(layer_count(weights)):
        own = {
            name.removeprefix(f"encoder.layer.{i}."): value
            for name, value in weights.items()
            if name.startswith(f"encoder.layer.{i}.")
        }
        query, key, value = (f"attention.self.{part}" for part in ("query", "key", "value"))
        asked = np.concatenate([own[f"{part}.weight"] for part in (query, key, value)])
        seen = graph.attention(graph.product(hidden[-1], asked), own[f"{query}.bias"], heads)
        # A key's bias raises all that a piece compares alike. A value's bias comes out as it went
        # in, for what a piece sees is a mean.
        out = own["attention.output.dense.weight"]
        bias = own["attention.output.dense.bias"] + out @ own[f"{value}.bias"]
        own["attention.output.dense.bias"] = bias
        before = hidden[-1]
        if i == layer_count(weights) - 1 and not all_pieces:
            seen, before = graph.asked_about(seen, before)
        said = graph.added(graph.product(seen, out), before, own, "attention.output")
        wide = graph.product(said, own["intermediate.dense.weight"])
        bent = graph.node(
            "BiasGelu", wide, graph.constant(own["intermediate.dense.bias"]), domain=MICROSOFT
        )
        told = graph.product(bent, own["output.dense.weight"], lowest=_LOWEST_OF_GELU)
        hidden.append(graph.added(told, said, own, "output"))
    return hidden
