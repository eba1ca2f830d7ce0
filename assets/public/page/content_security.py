"""The page's content security policy: named scripts may run, and no request may leave."""

import base64
import hashlib
from collections.abc import Sequence


def policy(scripts: Sequence[str]) -> str:
    r"""A policy for a `<meta>` element.

    Args:
        scripts: text of each inline script, exactly as it stands between its tags, with "\n"
            line ends.

    Returns:
        Directives that allow these scripts, inline styles (Plotly adds its own) and images from
        data: and blob:, and nothing else.
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts) or "'none'"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {hashes}",
            "style-src 'unsafe-inline'",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
