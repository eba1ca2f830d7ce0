"""Which version of the program made a release, to the letter."""

from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import assets.core
import assets.public
import assets.released

_LIBRARIES = ("holidays", "jinja2", "markupsafe", "numpy", "pandas", "plotly", "resvg-py")
"""What bytes of pages and pictures hang on beside the code here."""
_NOT_CODE = ("__pycache__", ".DS_Store")


@cache
def made_by() -> dict[str, object]:
    """Version, a digest of the code that makes public files, and the libraries' versions."""
    digest = sha256()
    for package in (assets.core, assets.public, assets.released):
        root = Path(next(iter(package.__path__)))
        for path in sorted(one for one in root.rglob("*") if one.is_file()):
            name = path.relative_to(root).as_posix()
            if not any(part in _NOT_CODE for part in path.parts):
                content = sha256(path.read_bytes()).hexdigest()
                digest.update(f"{package.__name__} {name} {content}\n".encode())
    return {
        "tideline": metadata.version("tideline"),
        "code_sha256": digest.hexdigest(),
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
    }
