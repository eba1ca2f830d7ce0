"""How well models were measured to do: figures of the validity report, by the digests it is of."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from resources.stores.study.models_in_use import models_in_use

# Of the floor above, whose code may not be imported from here; its figures are data.
_REPORT = Path(__file__).resolve().parents[3] / "evaluation" / "validity" / "validity.json"
_OF_ALL = ("model", "all")


@cache
def areas_of_constructs() -> list[dict[str, Any]]:
    """Area under the curve by corpus and construct, with its 95% interval.

    Returns:
        Keys corpus, construct, area, low, high, messages; empty where the report was measured with
        another model than the one that serves.
    """
    report = json.loads(_REPORT.read_text("utf-8"))
    if report["measured"]["models"]["construct_model"] != models_in_use()["construct_model"]:
        return []
    return [
        {
            "corpus": one["corpus"],
            "construct": one["construct"],
            "area": round(one["area"]["value"], 3),
            "low": round(one["area"]["low"], 3),
            "high": round(one["area"]["high"], 3),
            "messages": one["messages"],
        }
        for one in report["accuracy"]["areas"]
        if (one["scorer"], one["part"]) == _OF_ALL
    ]
