from assets.core.error_table import PAGE, error_table
from assets.core.errors import CATALOGUE


def test_the_page_is_the_catalogue() -> None:
    assert PAGE.read_text("utf-8") == error_table()


def test_every_code_has_a_row_that_is_one_row() -> None:
    rows = [line for line in error_table().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == sorted(CATALOGUE)
    assert {row.replace("\\|", "").count("|") for row in rows} == {5}
