"""Nodes of a BERT's ONNX graph, as they are put together; needs the extra `train`."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from resources.models.ready_model import ASKED, INPUT, OUTPUT

if TYPE_CHECKING:
    import onnx

Weights = Mapping[str, np.ndarray]
"""A BERT's parameters by the names that transformers gives them."""

_OPSET, _IR_VERSION = 20, 10
MICROSOFT = "com.microsoft"
_EPSILON = 1e-12
_MOST_OF_A_WEIGHT = 64
_MOST_OF_A_PIECE = 127
_ACTIVATION_ZERO, _MOST_OF_AN_ACTIVATION = 128, 127


@dataclass(frozen=True)
class Vectors:
    """What an encoder gives: unit vectors of the means over the words at some layers."""

    layers: tuple[int, ...]


@dataclass(frozen=True)
class Labels:
    """What a tagger gives: for each word piece that is asked about the probability of each label.

    Attributes:
        weight: shape (labels, hidden).
        bias: shape (labels,).
    """

    weight: np.ndarray = field(repr=False)
    bias: np.ndarray = field(repr=False)


class Graph:
    """Nodes and constants as they come together; values are named by number."""

    def __init__(self, *, eight_bits: bool) -> None:
        self._eight_bits = eight_bits
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._shape = self._one_by_length = self._zeros = ""
        self._hidden = 0
        self._given: list[str | int] = []
        self._asked: list[str] = []
        self._quantised: dict[str, tuple[str, str]] = {}

    def node(
        self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **given: Any
    ) -> Any:
        """Adds a node; the name of its output, or a list of them."""
        from onnx import helper  # noqa: PLC0415  (needs the extra)

        names = [f"{kind}_{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, domain=domain, **given))
        return names[0] if outputs == 1 else names

    def constant(self, value: Any, kind: Any = np.float32) -> str:
        """Adds a constant, one for all of the same value; its name."""
        tensor = _tensor(value, kind)
        tensor.name = hashlib.sha256(tensor.SerializeToString(deterministic=True)).hexdigest()[:16]
        self._constants[tensor.name] = tensor
        return tensor.name

    def integers(self, *values: int) -> str:
        """Adds a constant row of integers; its name."""
        return self.constant(values, np.int64)

    def embeddings(self, weights: Weights) -> str:
        """The words themselves, shape (rows, hidden)."""
        from onnx import TensorProto  # noqa: PLC0415  (needs the extra)

        table = weights["embeddings.word_embeddings.weight"]
        hidden = self._hidden = table.shape[1]
        self._shape = self.node("Shape", INPUT)
        length = self.node("Slice", self._shape, self.integers(1), self.integers(2))
        self._one_by_length = self.node("Concat", self.integers(1), length, axis=0)
        if self._eight_bits:
            whole, scale = _in_whole_numbers(table, _MOST_OF_A_PIECE)
            pieces = self.node("Gather", self.constant(whole, np.int8), INPUT)
            pieces = self.node(
                "Mul",
                self.node("Cast", pieces, to=TensorProto.FLOAT),
                self.node("Gather", self.constant(scale), INPUT),
            )
        else:
            pieces = self.node("Gather", self.constant(table), INPUT)
        places = weights["embeddings.position_embeddings.weight"]
        # Every text is one sentence, so all its pieces are of the first type.
        places = places + weights["embeddings.token_type_embeddings.weight"][0]
        own = self.node("Slice", self.constant(places), self.integers(0), length, self.integers(0))
        summed = self.node("Reshape", self.node("Add", pieces, own), self.integers(-1, hidden))
        self._count_rows(summed)
        return self._normalised(summed, weights, "embeddings.LayerNorm")

    def _count_rows(self, rows: str) -> None:
        count = self.node("Slice", self.node("Shape", rows), self.integers(0), self.integers(1))
        if self._eight_bits:
            zero = _tensor([_ACTIVATION_ZERO], np.uint8)
            self._zeros = self.node("ConstantOfShape", count, value=zero)

    def asked_about(self, *rows: str) -> list[str]:
        """Of rows for all pieces those that are asked about, each (asked, hidden)."""
        self._asked = [ASKED]
        of_asked = [self.node("Gather", one, ASKED, axis=0) for one in rows]
        self._count_rows(of_asked[0])
        return of_asked

    def product(self, rows: str, weight: np.ndarray, *, lowest: float | None = None) -> str:
        """Rows times a weight of shape (columns out, columns in), without its bias.

        Args:
            rows: shape (rows, columns in).
            weight: single precision.
            lowest: below minus which no number of `rows` falls; None where that is not known.
        """
        if not self._eight_bits:
            return self.node("MatMul", rows, self.constant(weight.T))
        whole, scale = _in_whole_numbers(weight, _MOST_OF_A_WEIGHT)
        quantised, of_row = self._in_eight_bits(rows, lowest)
        product = self.node(
            "MatMulIntegerToFloat",
            quantised,
            self.constant(whole.T, np.int8),
            self.constant(1.0),
            self.constant(scale[:, 0]),
            self.constant(_ACTIVATION_ZERO, np.uint8),
            self.constant(np.zeros(len(weight)), np.int8),
            domain=MICROSOFT,
        )
        return self.node("Mul", product, of_row)

    def _in_eight_bits(self, rows: str, lowest: float | None) -> tuple[str, str]:
        """The rows in 8 bits, and the scale of each: (rows, 1)."""
        if rows not in self._quantised:
            sizes = self.node("Abs", rows) if lowest is None else rows
            largest = self.node("ReduceMax", sizes, self.integers(1), keepdims=1)
            # A row of nothing but zeros would be divided by zero.
            least = _MOST_OF_AN_ACTIVATION * np.finfo(np.float32).tiny
            largest = self.node("Max", largest, self.constant(lowest or least))
            scale = self.node("Mul", largest, self.constant(1 / _MOST_OF_AN_ACTIVATION))
            flat = self.node("Squeeze", scale, self.integers(1))
            whole = self.node("QuantizeLinear", rows, flat, self._zeros, axis=0)
            self._quantised[rows] = whole, scale
        return self._quantised[rows]

    def attention(self, asked: str, bias: np.ndarray, heads: int) -> str:
        """What each piece sees of the others, shape (rows, hidden); the bias is the queries'."""
        hidden = len(bias)
        by_text = self.node("Concat", self._shape, self.integers(3 * hidden), axis=0)
        query, key, value = self.node(
            "Split", self.node("Reshape", asked, by_text), outputs=3, axis=-1, num_outputs=3
        )
        seen = self.node(
            "MultiHeadAttention",
            self.node("Add", query, self.constant(bias)),
            key,
            value,
            domain=MICROSOFT,
            num_heads=heads,
        )
        return self.node("Reshape", seen, self.integers(-1, hidden))

    def added(self, told: str, before: str, own: Weights, part: str) -> str:
        """A layer's product added to what was there before it, and normalised."""
        # ONNX Runtime has one node for all three, which sums a row number by number: four times
        # the time of these.
        told = self.node("Add", told, self.constant(own[f"{part}.dense.bias"]))
        return self._normalised(self.node("Add", told, before), own, f"{part}.LayerNorm")

    def _normalised(self, rows: str, own: Weights, part: str) -> str:
        return self.node(
            "LayerNormalization",
            rows,
            self.constant(own[f"{part}.weight"]),
            self.constant(own[f"{part}.bias"]),
            axis=-1,
            epsilon=_EPSILON,
        )

    def give_vectors(self, hidden: Sequence[str], gives: Vectors) -> None:
        """One row for each text: unit means of some layers, side by side, together of length 1."""
        own = [hidden[i] for i in gives.layers]
        width = self._hidden
        together = self.node("Concat", self._shape, self.integers(width * len(own)), axis=0)
        by_text = self.node("Reshape", self.node("Concat", *own, axis=-1), together)
        # ONNX Runtime's ReduceMean adds in another order where there is one text alone; and a sum
        # has the direction of the mean.
        ones = self.node("ConstantOfShape", self._one_by_length, value=_tensor([1], np.float32))
        sums = self.node("MatMul", ones, by_text)
        apart = self.node("Reshape", sums, self.integers(-1, len(own), width))
        units = self.node("LpNormalization", apart, axis=-1, p=2)
        row = self.node("Reshape", units, self.integers(-1, len(own) * width))
        whole = self.node("Mul", row, self.constant(len(own) ** -0.5))
        self._named(whole, "texts", len(own) * width)

    def give_labels(self, hidden: str, gives: Labels) -> None:
        """For each piece that is asked about the probability of each label."""
        logits = self.node(
            "Add",
            self.node("MatMul", hidden, self.constant(gives.weight.T)),
            self.constant(gives.bias),
        )
        chances = self.node("Softmax", logits, axis=-1)
        self._named(chances, "asked", len(gives.bias))

    def model(self) -> "onnx.ModelProto":
        """All that came together."""
        from onnx import TensorProto, helper  # noqa: PLC0415  (needs the extra)

        asked = [
            helper.make_tensor_value_info(INPUT, TensorProto.INT64, ["texts", "pieces"]),
            *(
                helper.make_tensor_value_info(one, TensorProto.INT64, ["asked"])
                for one in self._asked
            ),
        ]
        given = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, self._given)
        graph = helper.make_graph(
            self._nodes, "tideline", asked, [given], list(self._constants.values())
        )
        sets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=sets, ir_version=_IR_VERSION)

    def _named(self, value: str, *shape: str | int) -> None:
        from onnx import helper  # noqa: PLC0415  (needs the extra)

        self._nodes.append(helper.make_node("Identity", [value], [OUTPUT]))
        self._given = list(shape)


def _tensor(value: Any, kind: Any) -> "onnx.TensorProto":
    from onnx import numpy_helper  # noqa: PLC0415  (needs the extra)

    # ascontiguousarray makes a row of a single number.
    return numpy_helper.from_array(np.ascontiguousarray(value, dtype=kind).reshape(np.shape(value)))


def _in_whole_numbers(values: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows in whole numbers from -most to most, and the scale of each: (rows, 1)."""
    scale = np.abs(values).max(axis=1, keepdims=True) / most
    scale = np.where(scale > 0, scale, 1).astype(np.float32)
    return np.rint(values / scale).astype(np.int8), scale
