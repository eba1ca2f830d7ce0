import json
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd

from assets.core.modes import Mode
from assets.core.public_files import NEXT_RELATIONS
from assets.public.relations.asset import construct_relations
from assets.public.relations.associations import WORDS, relate
from assets.public.relations.written import relations_json
from bench.relations import REGION, World, levels, published
from resources.base.home import Home, HomeConfig
from resources.stores.published.publishing import LOCK
from resources.stores.study.made_up import write_made_up_register
from resources.stores.study.standing import MADE_UP_CONTACT

RNG = np.random.default_rng(6)
FRAME = published(World(weeks=30), RNG, levels(World(weeks=30), RNG))


class Published:
    def read(self) -> pd.DataFrame:
        return FRAME


def test_the_same_values_give_the_same_bytes() -> None:
    again = FRAME.sample(frac=1, random_state=1)
    written = relations_json([relate(FRAME, REGION)], Mode.STUDY)
    assert written == relations_json([relate(again, REGION)], Mode.STUDY)
    assert json.loads(written)["regions"][0]["first_week"] == "2026-01-05"


def test_every_row_says_what_it_is_an_association_of() -> None:
    content = json.loads(relations_json([relate(FRAME, "nowhere")], Mode.SYNTHETIC))
    assert content["mode"] == "synthetic"
    assert content["label"] == WORDS == "association among groups, not persons"
    (region,) = content["regions"]
    assert [row["label"] for row in region["rows"]] == [WORDS] * 27
    assert {row["reason"] for row in region["rows"]} == {"too_few_weeks"}
    assert region["rows"][0] == {
        "region": "nowhere",
        "first": "burnout",
        "second": "resilience",
        "lag": -4,
        "weeks": 0,
        "association": None,
        "lo95": None,
        "hi95": None,
        "adjusted_p": None,
        "reason": "too_few_weeks",
        "label": WORDS,
    }


def test_the_asset_writes_the_file_anew_and_tells_counts_only(tmp_path: Path, clock: Any) -> None:
    config = HomeConfig(
        home_id="0" * 32,
        mode=Mode.SYNTHETIC,
        first_day=date(2026, 1, 5),
        inbox="inbox",
        inbox_recipient="age1x",
        contact=MADE_UP_CONTACT,
    )
    home = Home(tmp_path, config)
    write_made_up_register(home, config.first_day)
    written = []
    for _ in range(2):
        result = dg.materialize(
            [construct_relations],
            resources={"home": home, "published_values": Published(), "clock": clock},
        )
        (event,) = result.asset_materializations_for_node("construct_relations")
        told = {name: value.value for name, value in event.metadata.items()}
        assert {name: told[name] for name in ("related", "too_few_weeks", "noise_dominates")} == {
            "related": 27,
            "too_few_weeks": 27,
            "noise_dominates": 0,
        }
        written.append((home.public / NEXT_RELATIONS).read_bytes())
    assert written[0] == written[1]
    assert {one.name for one in home.public.iterdir()} == {NEXT_RELATIONS, LOCK}
