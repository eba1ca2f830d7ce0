import pytest

IDENTIFIERS = [
    "999 123 4567",
    "943 476 5919",
    "9434765919",
    "943-476-5919",
    "9 4 3 4 7 6 5 9 1 9",
    "qq 12 34 56 c",
    "QQ123456C",
    "AB123456C",
    "ab 12 34 56 a",
    "LS1 4AB",
    "ls14ab",
    "m14 5ab",
    "SW 1A 1AA",
    "ec1a 1bb",
    "07911 123456",
    "07700 900123",
    "07700900123",
    "+44 7700 900 123",
    "(020) 7946 0018",
    "0 7 7 0 0 9 0 0 1 2 3",
    "o7911 123456",
    "07.700.900.123",
    "zero seven seven nine one one",
    "AB12 CDE",
    "ab12cde",
    "AB12 CAR",
    "A123 BCD",
    "14/03/24",
    "12.3.84",
    "3rd march",
    "3rd of March",
    "tues",
    "Thursday",
    "christmas",
    "new year's eve",
    "half ten",
    "half past ten",
    "ten past six",
    "noon",
    "seven o'clock",
    "seven am",
    "7am",
    "7 p.m.",
    "19:45",
    "ninety one",
    "91",
    "SW/123456",
    "12-34-56",
    "4929 1234 5678 9012",
    "GB33 BUKB 2020 1555 5555 55",
    "MORGA753116SM9IJ",
    "123456789",
    "192.168.10.4",
    "2001:db8::ff00:42:8329",
    "jo.bloggs@example.com",
    "jo@homes.example",
    "jo at example dot com",
    "jo dot bloggs at example dot co dot uk",
    "example dot com",
    "https://example.com/home/team?x=y",
    "www.example.co.uk",
    "example.org",
    "http://team.home/care",
    "@jobloggs",
    "@jo.bloggs",
    "@\u2068Ola Care Team\u2069",
    "@\u2068good team\u2069",
    "#goodteam",
    "# team",
    "rota.pdf",
    "IMG-20240314-WA0007.jpg",
    "\uff10\uff17\uff17\uff10\uff10 \uff19\uff10\uff10\uff11\uff12\uff13",
    "0\u200b7700\u200b900123",
    "\u0664\u0665\u0666 \u0667\u0668\u0669",
    "zoë",
    "Ọlá",
    "Bаth",  # the second letter is Cyrillic
    "বাংলা",
    "łódź",
]


@pytest.mark.parametrize("text", IDENTIFIERS)
def test_an_identifier_leaves_nothing(text, words_left):
    assert words_left(text) == ["_"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ring me on 07700 900123 please", ["ring", "me", "on", "_", "please"]),
        ("cheers,Evan", ["cheers", ",", "_"]),
        ("team,07700900123", ["_"]),
        ("PIN 12345678 for the door", ["pin", "_", "for", "the", "door"]),
        ("see example.com. ok", ["see", "_", ".", "ok"]),
        ("done at 7. tired", ["done", "at", "_", ".", "tired"]),
        ("room 7 needs help", ["_", "needs", "help"]),
        ("thanks 😂😂", ["thanks"]),
        ("the team 💪🏽 is great", ["the", "team", "is", "great"]),
        ("“it’s not right”", ["it's", "not", "right"]),
        ("the manager’s office", ["the", "manager", "office"]),
        ("so_tired", ["so", "_", "tired"]),
        ("we had soft\u00adware", ["we", "had", "software"]),
        ("what?!?! no...", ["what", "?", "no"]),
    ],
)
def test_words_beside_an_identifier_stay(text, left, words_left):
    assert words_left(text) == left


def test_every_recogniser_is_asked_without_a_threshold(words_left):
    # Presidio gives both of these 0.1; any usual threshold would leave the letters.
    assert words_left("near SO1 4AN then") == ["near", "_", "then"]


def test_scrubbing_uses_no_network(monkeypatch, words_left):
    def refuse(*_args, **_kwargs):
        raise OSError

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    assert words_left("write jo@example.nosuchending or example.com") == ["write", "_", "or", "_"]
