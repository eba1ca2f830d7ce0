import json

import pytest

from assets.core.errors import PublicationError
from assets.public.page.page import render_page
from assets.public.records.group_relations import Relation, read_relations, relation_tables
from assets.public.relations import Association, Relations
from assets.public.relations.written import relations_json

PAIRS = [("burnout", "resilience"), ("burnout", "resistance"), ("resilience", "resistance")]


def found(region, reason=None, lags=range(-4, 5)):
    return [
        Association(first, second, lag, 40, 0.25, -0.125, 0.5, 0.2)
        if reason is None or first == "resilience"
        else Association(first, second, lag, 3, reason=reason)
        for first, second in PAIRS
        for lag in lags
    ]


def written(tmp_path, *regions):
    path = tmp_path / "relations.json"
    relations = [Relations(region, "1", None, None, 40, tuple(rows)) for region, rows in regions]
    path.write_bytes(relations_json(relations, "synthetic"))
    return path


def section(made, relations):
    page = render_page(*made.tables(), made.page_facts(relations=relations))
    start = page.index('<section aria-labelledby="relations">')
    return page[start : page.index("</section>", start)]


def test_what_the_asset_writes_is_shown(made, tmp_path):
    path = written(tmp_path, ("greater_london", found("greater_london")))
    relations = read_relations(path.read_bytes())
    (table,) = relation_tables(relations, made.regions)
    assert table.pairs == (
        "Burnout and resilience",
        "Burnout and resistance",
        "Resilience and resistance",
    )
    assert [lag for lag, _ in table.rows][3:6] == [
        "second 1 week earlier",
        "same week",
        "second 1 week later",
    ]
    assert {cell for _, cells in table.rows for cell in cells} == {"0.250 (−0.125 to 0.500)"}
    assert table.missing == ""
    words = section(made, relations)
    assert "Greater London: association among groups, not persons" in words
    assert words.count("0.250 (−0.125 to 0.500)") == 27


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("too_few_weeks", "too few weeks are published without a change of method"),
        ("noise_dominates", "the noise is too large beside what the lines themselves do"),
        ("something_new", "something_new"),
    ],
)
def test_what_could_not_be_related_is_explained(made, tmp_path, reason, why):
    rows = found("greater_london", reason)
    (some,) = relation_tables(
        read_relations(written(tmp_path, ("greater_london", rows)).read_bytes()), made.regions
    )
    assert some.pairs == ("Resilience and resistance",)
    assert some.missing == (
        f"Not all can be given (Burnout and resilience; Burnout and resistance): {why}."
    )
    none = [row for row in rows if row.reason]
    relations = read_relations(written(tmp_path, ("greater_london", none)).read_bytes())
    assert relation_tables(relations, made.regions)[0].rows == ()
    assert f"No association can be given yet: {why}." in section(made, relations)


@pytest.mark.parametrize("relations", [None, []])
def test_without_rows_one_sentence_says_so(made, relations):
    words = section(made, relations)
    assert "has not been worked out for these regions" in words
    assert "<table" not in words


def test_rows_of_another_region_are_left_out(made):
    assert relation_tables([Relation("atlantis", *PAIRS[0], 0, 0.5, 0, 1)], made.regions) == []


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"regions": [{"rows": [{"region": "x"}]}]}', json.dumps({"regions": [1]})],
)
def test_a_file_that_is_not_as_agreed_is_refused(tmp_path, content):
    path = tmp_path / "relations.json"
    path.write_text(content)
    with pytest.raises(PublicationError) as caught:
        read_relations(path.read_bytes())
    assert caught.value.code == "PUBLISHED_TABLE_INVALID"
    assert caught.value.__context__ is None
