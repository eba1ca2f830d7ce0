"""Which models the program serves, by digest: what a peer review has to have looked at."""

import hashlib
import json
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
# Not asked of `ready_model`, for a command that only says how things stand would load NumPy.
_READY = _ROOT / "resources" / "models" / "digests.json"
# Its code is of the restricted side, which the publishing one may not import; its digest may.
_CONSTRUCT_MODEL = (
    _ROOT / "assets" / "restricted" / "scoring" / "construct_model" / "construct_model.safetensors"
)


@cache
def models_in_use() -> dict[str, str]:
    """SHA-256 of each model file, by name."""
    ready = json.loads(_READY.read_text("utf-8"))
    return {
        **{name.removesuffix(".onnx"): one["sha256"] for name, one in ready.items()},
        "construct_model": hashlib.sha256(_CONSTRUCT_MODEL.read_bytes()).hexdigest(),
    }
