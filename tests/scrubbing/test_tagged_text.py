import pytest

from assets.restricted.scrubbing.tagged_text import (
    BrokenMarkError,
    TaggedSpan,
    main,
    read_tagged,
    read_tagged_file,
)


def test_marks_become_spans_of_the_bare_text():
    tagged = read_tagged("hi [Will|PER:word],\\nsee [room 4|ADDRESS]")
    assert tagged.text == "hi Will,\nsee room 4"
    assert tagged.spans == (TaggedSpan(3, 7, "PER", "word"), TaggedSpan(13, 19, "ADDRESS"))
    assert [tagged.text[s.start : s.end] for s in tagged.spans] == ["Will", "room 4"]


@pytest.mark.parametrize(
    "line",
    ["[Will|PER]", "[Will|PER:martian]", "[Will|NAME:word]", "[x|LOC:word]", "[Will", "Will]",
     "a|b", "[a[b|LOC]|LOC]", "[|LOC]"],
)  # fmt: skip
def test_a_broken_mark_is_told_by_its_line_alone(line):
    with pytest.raises(BrokenMarkError, match=r"^broken mark in line 7$") as caught:
        read_tagged(line, 7)
    assert "Will" not in str(caught.value)


def test_a_file_is_read_without_its_comments(tmp_path, capsys):
    path = tmp_path / "part.txt"
    path.write_text("# why\n\nso tired\n[Ada|PER:igbo] late\n", encoding="utf-8")
    assert [one.text for one in read_tagged_file(path)] == ["so tired", "Ada late"]
    assert main([str(path)]) == 0
    assert "messages\t2" in capsys.readouterr().out
    path.write_text("[Ada|PER] late\n", encoding="utf-8")
    assert main([str(path)]) == 1
