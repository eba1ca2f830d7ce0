"""What a release is made of, as its own files hold it: written first, and all else is made of them.

So a release can be made again from its folder alone, by the version of the program that made it.
"""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from assets.core.errors import PublicationError, refuse_as
from assets.core.modes import Mode
from assets.core.public_files import (
    DATA,
    EVIDENCE,
    FACTS,
    HIT_RATES,
    RELATIONS,
    REVIEWED,
    VINTAGES,
)
from assets.public.forecasting.scores import (
    BANDS,
    BesideNoChange,
    HitRate,
    beside,
    counted,
    hit_rate,
)
from assets.public.records.datasets import latest_csv
from assets.public.records.evidence import read_evidence
from assets.public.records.facts import Change, MethodBreak, PageFacts
from assets.public.records.group_relations import read_relations
from assets.public.records.tables import (
    FORECAST_COLUMNS,
    FORECAST_VALUES,
    NO_WEEK,
    PUBLISHED_COLUMNS,
    PUBLISHED_VALUES,
)
from assets.released import reviewed_facts
from assets.released.public_event import PublicEvent
from assets.released.public_words import PublicWords
from assets.released.release_facts import release_facts
from assets.released.reviewed_facts import Reviewed
from resources.stores.published.evidence_cards import EvidenceCard

Counted = Mapping[tuple[str, str, int], Sequence[Mapping[str, Any]]]
"""Scores by region, construct and days ahead."""

_SCORED, _DRAWN = "scored", "drawn"
_PLAIN = tuple(f"no_change_{name}" for name in BANDS)
VINTAGE_COLUMNS = ["row", "region", "construct", "last_day", "day", "days_ahead", *BANDS, *_PLAIN]
HIT_COLUMNS = [
    "region",
    "construct",
    "weeks_ahead",
    "forecasts",
    "in80",
    "in95",
    "mean_absolute_error",
    "mean_absolute_error_no_change",
    "interval_score",
    "interval_score_no_change",
]


@dataclass(frozen=True)
class ReleasedData:
    """The tables and facts that pages are made of.

    Attributes:
        published: see `assets.public.records.tables.checked_published`.
        forecasts: see `assets.public.records.tables.checked_forecasts`.
        past_forecasts: columns region, construct, last_day, day and mean.
        facts: of the page.
        evidence: of the rows; none in a release of a version that had none.
    """

    published: pd.DataFrame
    forecasts: pd.DataFrame
    past_forecasts: pd.DataFrame
    facts: PageFacts
    evidence: Sequence[EvidenceCard]


def written_data(
    published: pd.DataFrame,
    forecasts: pd.DataFrame,
    past_forecasts: pd.DataFrame,
    scores: pd.DataFrame,
    facts: PageFacts,
    relations: bytes | None,
    evidence: bytes,
) -> dict[str, bytes]:
    """The files that a release is made of, by name.

    Args:
        published: see `ReleasedData`; likewise forecasts and past_forecasts.
        forecasts: the newest.
        past_forecasts: earlier ones, to be drawn over what came.
        scores: earlier ones, held against what came; see `scores.scored`.
        facts: of the page; what comes of `scores` and `relations` is not looked at.
        relations: `relations.json`; None where it has not been made.
        evidence: see `assets.public.records.evidence.written_evidence`.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID`.
    """
    of_last = counted(scores)
    files = {
        DATA: latest_csv(published, forecasts, facts).encode("utf-8"),
        VINTAGES: _csv(VINTAGE_COLUMNS, [*_scored_rows(of_last), *_drawn_rows(past_forecasts)]),
        HIT_RATES: _csv(HIT_COLUMNS, _hit_rows(of_last)),
        FACTS: written_facts(facts),
        REVIEWED: reviewed_facts.written(facts.reviewed),
        EVIDENCE: evidence,
    }
    return files if relations is None else {**files, RELATIONS: relations}


def read_data(files: Mapping[str, bytes]) -> ReleasedData:
    """What pages are made of, from the files of `written_data`.

    Raises:
        PublicationError: `PUBLISHED_TABLE_INVALID` where they are not as written.
    """
    invalid = PublicationError("PUBLISHED_TABLE_INVALID")
    with refuse_as(invalid, LookupError, ValueError, TypeError):
        published, forecasts = _tables(files[DATA])
        rates = list(csv.DictReader(io.StringIO(files[HIT_RATES].decode("utf-8"))))
        drawn = [row for row in _rows(files[VINTAGES]) if row["row"] == _DRAWN]
        past = pd.DataFrame(
            [
                (
                    row["region"],
                    row["construct"],
                    date.fromisoformat(row["last_day"]),
                    date.fromisoformat(row["day"]),
                    float(row["mean"]),
                )
                for row in drawn
            ],
            columns=["region", "construct", "last_day", "day", "mean"],
        )
        relations = files.get(RELATIONS)
        by_week = _hit_rates(rates)
        facts = _read_facts(
            json.loads(files[FACTS]),
            hit_rates=_a_week_ahead(by_week),
            hit_rates_by_week=by_week,
            beside_no_change=_beside(rates),
            relations=None if relations is None else read_relations(relations),
            reviewed=reviewed_facts.read(files[REVIEWED]) if REVIEWED in files else Reviewed(),
        )
        cards = read_evidence(files[EVIDENCE]) if EVIDENCE in files else []
        return ReleasedData(published, forecasts, past, facts, cards)


def _tables(content: bytes) -> tuple[pd.DataFrame, pd.DataFrame]:
    table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, na_values=[""])
    for name in (*PUBLISHED_VALUES, *FORECAST_VALUES):
        # Not by pandas, whose fast way may miss the nearest number by a bit.
        table[name] = [float(one) if isinstance(one, str) else math.nan for one in table[name]]
    for name in ("micro_rho", "revision", "weeks_ahead"):
        table[name] = table[name].astype("Int64")
    of_day = table["row"] == "published"
    published = table.loc[of_day, PUBLISHED_COLUMNS].reset_index(drop=True)
    ahead = table.loc[~of_day].rename(columns={"forecast_method": "method"})
    ahead = ahead.assign(weeks_ahead=ahead["weeks_ahead"].fillna(NO_WEEK))
    for frame, names in ((published, ["day"]), (ahead, ["day", "made_on"])):
        for name in names:
            frame[name] = [date.fromisoformat(str(one)) for one in frame[name]]
    return published, ahead[FORECAST_COLUMNS].reset_index(drop=True)


def _scored_rows(scores: Counted) -> Iterable[Mapping[str, object]]:
    for row in (row for rows in scores.values() for row in rows):
        yield {
            "row": _SCORED,
            **{name: row[name] for name in ("region", "construct", "last_day", "day")},
            "days_ahead": row["ahead"],
            **{name: f"{row[name]:.3f}" for name in (*BANDS, *_PLAIN)},
        }


def _drawn_rows(past: pd.DataFrame) -> Iterable[Mapping[str, object]]:
    for row in past.to_dict("records"):
        yield {
            "row": _DRAWN,
            **{name: row[name] for name in ("region", "construct", "last_day", "day")},
            "days_ahead": (row["day"] - row["last_day"]).days,
            "mean": f"{min(1.0, max(0.0, row['mean'])):.3f}",
        }


def _hit_rows(scores: Counted) -> Iterable[Mapping[str, object]]:
    for (region, construct, ahead), rows in scores.items():
        rate, score = hit_rate(rows), beside(ahead, rows)
        yield {
            "region": region,
            "construct": construct,
            "weeks_ahead": score.weeks,
            "forecasts": rate.forecasts,
            "in80": rate.in80,
            "in95": rate.in95,
            "mean_absolute_error": repr(rate.mae),
            "mean_absolute_error_no_change": repr(rate.mae_no_change),
            "interval_score": repr(score.ours),
            "interval_score_no_change": repr(score.no_change),
        }


def _hit_rates(rows: list[dict[str, str]]) -> dict[tuple[str, str, int], HitRate]:
    return {
        (row["region"], row["construct"], int(row["weeks_ahead"])): HitRate(
            forecasts=int(row["forecasts"]),
            in80=int(row["in80"]),
            in95=int(row["in95"]),
            mae=float(row["mean_absolute_error"]),
            mae_no_change=float(row["mean_absolute_error_no_change"]),
        )
        for row in rows
    }


def _a_week_ahead(
    rates: Mapping[tuple[str, str, int], HitRate],
) -> dict[tuple[str, str], HitRate]:
    return {(region, name): rate for (region, name, weeks), rate in rates.items() if weeks == 1}


def _beside(rows: list[dict[str, str]]) -> dict[tuple[str, str], tuple[BesideNoChange, ...]]:
    found: dict[tuple[str, str], tuple[BesideNoChange, ...]] = {}
    for row in rows:
        line = (row["region"], row["construct"])
        one = BesideNoChange(
            int(row["weeks_ahead"]),
            int(row["forecasts"]),
            float(row["interval_score"]),
            float(row["interval_score_no_change"]),
        )
        found[line] = (*found.get(line, ()), one)
    return found


_PLAIN_FACTS = ("contact", "daily_dots", "closes_after_days", "state", "number", "feed_id")


def written_facts(facts: PageFacts) -> bytes:
    """`facts.json`: what pages say that is in no table."""
    content = {
        "mode": str(facts.mode),
        "regions": dict(facts.regions),
        "made_at": facts.made_at.isoformat(),
        "last_day": facts.last_day.isoformat(),
        **{name: getattr(facts, name) for name in _PLAIN_FACTS},
        "headline": dict(facts.headline),
        "member_bases": [str(one) for one in facts.member_bases],
        "breaks": [
            [one.day.isoformat(), one.version_before, one.version_after, one.reason]
            for one in facts.breaks
        ],
        "no_forecast": [[*line, code] for line, code in sorted(facts.no_forecast.items())],
        "words": asdict(facts.words),
        "events": [{**asdict(one), "day": one.day.isoformat()} for one in facts.events],
        "changes": [one.written() for one in facts.changes],
    }
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _read_facts(content: Mapping[str, Any], **more: Any) -> PageFacts:
    return PageFacts(
        mode=Mode(content["mode"]),
        regions=content["regions"],
        made_at=datetime.fromisoformat(content["made_at"]),
        last_day=date.fromisoformat(content["last_day"]),
        release=release_facts(),
        headline=content["headline"],
        member_bases=tuple(content["member_bases"]),
        breaks=tuple(
            MethodBreak(date.fromisoformat(day), *words) for day, *words in content["breaks"]
        ),
        no_forecast={(region, name): code for region, name, code in content["no_forecast"]},
        words=PublicWords(**content["words"]),
        events=tuple(map(_read_event, content["events"])),
        changes=tuple(Change.read(one) for one in content["changes"]),
        **{name: content[name] for name in _PLAIN_FACTS},
        **more,
    )


def _read_event(content: Mapping[str, Any]) -> PublicEvent:
    day, regions = date.fromisoformat(content["day"]), tuple(content["regions"])
    return PublicEvent(**{**content, "day": day, "regions": regions})


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def _csv(columns: list[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
