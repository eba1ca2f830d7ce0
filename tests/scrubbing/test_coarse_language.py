import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.restricted.scrubbing.coarse_language import (
    LANGUAGES,
    _letters,
    coarse_language,
    groups_of_letters,
)


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
        ("me voy a la cama ya", "other_latin"),
        ("no do que me fala a chefe", "portuguese"),
        ("nie wiem co mam robic", "polish"),
        ("ben çok yorgunum bu gece", "other_latin"),
        # Of words that English has as well; by their letters they are too few.
        ("on ma to do mnie", "undetermined"),
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


@settings(max_examples=60, derandomize=True)
@given(st.text(max_size=80))
def test_whatever_the_message_one_language_is_told_and_always_the_same(text: str) -> None:
    told = coarse_language(text)
    assert told in LANGUAGES
    assert coarse_language(text) == told


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.text("abeijnoszłñț'", min_size=1, max_size=6), min_size=1, max_size=8))
def test_letters_are_grouped_as_the_library_groups_them(words):
    from langdetect.detector import Detector
    from langdetect.detector_factory import DetectorFactory

    text = " ".join(words)
    rows, _, languages = _letters()
    factory = DetectorFactory()
    factory.langlist, factory.word_lang_prob_map = languages, {row: [0.0] for row in rows}
    factory.seed = 0
    detector = Detector(factory)
    detector.append(text)
    theirs = detector._extract_ngrams()
    ours = [group for group in groups_of_letters(text) if group in rows]
    # The library waits for a next word before it counts the end of the last.
    assert set(theirs) <= set(ours)
    assert len(ours) - len(theirs) <= 2


def test_nothing_is_told_of_a_message(capfd, caplog) -> None:
    caplog.set_level(0)
    coarse_language("xyzzyplover we are so very tired")
    out, err = capfd.readouterr()
    assert (out + err + caplog.text) == ""
