import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.restricted.scrubbing.coarse_language import LANGUAGES, coarse_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("we are so tired after the night shift", "english"),
        ("WE ARE SO TIRED AFTER THE NIGHT SHIFT", "english"),
        ("nie mam już siły po tej nocnej zmianie", "polish"),
        ("nie mam juz sily po tej nocnej zmianie", "polish"),
        ("sunt foarte obosită după tura de noapte", "romanian"),
        ("estou muito cansada depois do turno da noite", "portuguese"),
        ("hola estoy muy cansada hoy", "other_latin"),
        ("pagod na pagod na ako sa trabaho", "other_latin"),
        ("আমি খুব ক্লান্ত", "bengali"),
        ("أنا متعب", "arabic"),
        ("میں بہت تھک گیا ہوں", "arabic"),
        ("я очень устала", "cyrillic"),
        ("मैं बहुत थक गया हूँ", "other_indic"),
        ("நான் மிகவும் சோர்வாக இருக்கிறேன்", "other_indic"),
        ("我很累", "other_script"),
        ("so tired", "undetermined"),
        ("so tired lol", "undetermined"),
        ("😂😂", "undetermined"),
        ("07700 900123", "undetermined"),
        ("", "undetermined"),
        # By most of the letters.
        ("ok আমি খুব ক্লান্ত", "bengali"),
        ("we are so tired after the night shift আমি", "english"),
    ],
)
def test_the_language_of_a_message(text: str, language: str) -> None:
    assert coarse_language(text) == language


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=80))
def test_whatever_the_message_one_language_is_told_and_always_the_same(text: str) -> None:
    told = coarse_language(text)
    assert told in LANGUAGES
    assert coarse_language(text) == told


def test_nothing_is_told_of_a_message(capfd, caplog) -> None:
    caplog.set_level(0)
    coarse_language("xyzzyplover we are so very tired")
    out, err = capfd.readouterr()
    assert (out + err + caplog.text) == ""
