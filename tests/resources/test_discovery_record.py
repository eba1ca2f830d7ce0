"""Who was told, and the ethical self-assessment, before a first look at real files."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from assets.core.errors import SetupError
from resources.base.discovery_record import read_discovery_record

TODAY = date(2026, 10, 15)


def test_a_complete_record_is_read(discovery_record: Path) -> None:
    record = read_discovery_record(discovery_record, TODAY)
    assert [one.role for one in record.told] == ["data service", "legal service"]
    with pytest.raises(SetupError, match=r"^DISCOVERY_RECORD_MISSING$"):
        read_discovery_record(discovery_record.with_name("none.yaml"), TODAY)


@pytest.mark.parametrize(
    ("of", "change"),
    [
        ("told", lambda told: told[:1]),
        ("told", lambda told: [told[0], told[0]]),
        ("told", lambda told: [told[0], {**told[1], "name": " "}]),
        ("told", lambda told: [told[0], {**told[1], "told_on": date(2026, 10, 16)}]),
        ("told", lambda told: "everybody"),
        ("self_assessment", lambda own: None),
        ("self_assessment", lambda own: {**own, "risk": "none"}),
        ("self_assessment", lambda own: {**own, "reviewed_by": "a b"}),
        ("self_assessment", lambda own: {**own, "assessed_on": date(2026, 10, 16)}),
        ("self_assessment", lambda own: {k: v for k, v in own.items() if k != "reference"}),
    ],
)
def test_what_is_missing_or_not_yet_done_is_refused(
    discovery_record: Path, of: str, change: Any
) -> None:
    written = yaml.safe_load(discovery_record.read_text("utf-8"))
    written[of] = change(written[of])
    discovery_record.write_text(yaml.safe_dump(written), "utf-8")
    with pytest.raises(SetupError, match=r"^DISCOVERY_RECORD_INCOMPLETE$"):
        read_discovery_record(discovery_record, TODAY)
