"""Whatever is written for each kind leaves no word: shapes parted by bars, in several frames."""

import itertools

import pytest

from assets.restricted.scrubbing.letters import Letters
from assets.restricted.scrubbing.patterns import Patterns
from assets.restricted.scrubbing.recognisers import KINDS
from assets.restricted.scrubbing.words import TokenizedMessage

WRITTEN = {
    "phone": """
        07700 900123 | 07700900123 | +44 7700 900 123 | +44 (0) 7700-900-123 | (020) 7946 0018
        | 020-7946-0018 | 0 7 7 0 0 9 0 0 1 2 3 | oh seven seven double o nine hundred one two
        three | o7700 9oo l23 | o77oo 9oo ooo | zero seven seven nine one one | oh double
        seven oh oh nine | 07.700.900.123 | 07700/900123 | +447700900123 | 00447700900123 |
        ext 4 | ext four | extension 412 | 0191 498 o233 | 07700 nine hundred 123 | seven
        seven hundred nine hundred one two three | nought one six three two nine six oh |
        07seven00 9double0 123 | 0I632 960 774 | tel: 01632 960774 | double three oh | treble
        seven four
    """,
    "email": """
        p.lock at riversmeet dot example | jo.bloggs@example.com | jo@homes.example | jo at
        example dot com |
        jo(at)example(dot)co(dot)uk | jo [at] example [dot] com | jo dot bloggs at example dot
        co dot uk | jo underscore bloggs at gmail dot com | bloggs at gmail | gmail |
        jo_b@example.org.uk | JO@EXAMPLE.COM | jo @ example.com | jo AT example DOT com |
        payroll at fenland hyphen care dot example | jo84 at hotmail dot co dot uk |
        jo-at-example-dot-com | jo_bloggs(at)example.co.uk
    """,
    "link": """
        https://example.com/home/team?x=y | www.example.co.uk | example.org |
        http://team.home/care | example dot co dot uk slash rota | www dot example dot com |
        bit.ly slash abc | acornfund dot example slash apply | example dot com |
        hub.example.org/refer | forms.gle/abcdef | rota.pdf | IMG-20240314-WA0007.jpg |
        tinyurl.com/xyz | h t t p s slash slash example dot com | 192.168.10.4 |
        2001:db8::ff00:42:8329 | www.rosteroak.example/login | bit dot ly forward slash rota
    """,
    "handle": """
        @jobloggs | @jo.bloggs | @\u2068Ola Care Team\u2069 | @Ada Obi | #goodteam | # team |
        @care_rights
    """,
    "identifier": """
        999 123 4567 | 943 476 5919 | 9434765919 | 943-476-5919 | 9 4 3 4 7 6 5 9 1 9 | qq 12
        34 56 c | QQ123456C | AB 12 34 56 C | ab.12.34.56.c | 12A3456E | 12 A 3456 E |
        SW123456 | sw 123456 | SW/123456 | 001 784 552 319 | DBS 001786543219 | ABC/123/xyz |
        FHC-20771 | DP/66120/K | C2580Y | 12-34-56 | 20 00 46 | GB33 BUKB 2020 1555 5555 55 |
        gb33bukb20201555555555 | 4929 1234 5678 9012 | MORGA753116SM9IJ | morga 753116 sm9ij |
        123456789 | CAD 2119 | PCN 4408217 X | HZ 2281 | 12345678 | 0017 845 52 319 B | UTR
        12345 67890
    """,
    "postcode": """
        LS1 4AB | ls14ab | m14 5ab | SW 1A 1AA | ec1a 1bb | NR3 | nr3 | E17 | n r 3 one a b |
        nr3 1ab | NR3 IAB | I P 2 1 5 A B | nr three | n.r.3.1.a.b | ip22 4qx | IP224QX | nr15
        2tw | nr152 UX | nr3 oab | N R 3 1 A B | nr-3 | e seventeen | bt1 1aa | se one seven p
        b | NR3 lab
    """,
    "plate": """
        K O 7 1 F V D | AB12 CDE | ab12cde | ab12 cde | AB 12 CDE | A123 BCD | a123bcd | ABC
        123D | abc 123 d
        | 1 ABC | XIA 1234 | AIZ 4321 | AB12CDE | ab 12 cde | AU57 RHP | K1 TTY
    """,
    "date": """
        14/03/24 | 12.3.84 | 2024-03-14 | 14-3-24 | 3rd march | 3rd of March | march 3rd | third
        of march | first of june | 1st December | 12th | tues | Thursday | wednsday |
        wensday | thurs | febuary | feb | 2moro | mon | weds | fri | tuesdays | christmas |
        xmas | crimbo | xmas eve | new year's eve | new years day | NYE | eid | eid al-fitr |
        ramadan | diwali | divali | vaisakhi | holi | hanukkah | passover | yom kippur | rosh
        hashanah | easter | pancake day | mother's day | mothers day | halloween | bonfire
        night | guy fawkes | hogmanay | burns night | st patrick's day | bank holiday | half
        term | carnival | boxing day | good friday | 2009 | may 4th | 4 may | christmas eve |
        onam | chinese new year | valentine's day | shrove tuesday | sept | decemeber |
        teusday | saturdy | mon-fri | 26.12 | st georges day | may bank holiday
    """,
    "time": """
        half ten | half past ten | half-past ten | ten past six | quarter past | quarter to |
        quarter to nine | twenty past seven | ten to six | noon | midday | midnight | seven
        o'clock | seven o clock | o'clock | ten oclock | seven am | 7am | 7 p.m. | 7 pm |
        19:45 | 09.30 | 0730 | 7ish | sevenish | seven ish | 7-3 | nineteen hundred hours |
        half 7 | ten past | 0730hrs | half sevenish | twenty five to four | 6.15 |
        eight thirty | quarter past seven | noonish | 19:45hrs
    """,
    "age": """
        84 | 84yo | 84 yo | 84 year old | 84-year-old | 84 years old | eighty four years old |
        ninety one | ninety-one year old | eighties | sixty | 21st birthday | ninetieth
        birthday | two and a half year old | six month old | 84 y/o | a hundred and two
    """,
    "address": """
        no 6 Tanner's Yard | 14 Acacia Avenue | 14 acacia avenue | 14 acacia ave | acacia ave
        | Flat 2, 9 High St |
        flat 9 | flat nine | flat nine b | room 7 | room seven | room twelve b | Room 3 | bed
        six | bed 6 | plot 12 | unit 4b | bay two | ward 3 | ward seven | second floor | 2nd
        floor | floor 2 | house 4 | block C | level 3 | bus 18 | bus eighteen | number 7 bus |
        no. 6 | route 12 | Caley Court | Oak House | mill road | station road | 27 Tosson
        Street | eleven Chestnut Drive | 41 Chalk Lane | 14 Cobbler's Row | 8 Station Approach
        | 2 Chapel Steps | Willow Crescent | 12 The Larches | number 6 | ///filled.count.soap
        | filled.count.soap | 52.63 N, 1.29 E | room b | room no 7 | bed no. 9 | beds four |
        the 103 bus | twenty mill lane | flat 2a | door 4 | platform 3 | junction 9 | 52.6309,
        1.2974 | 22 st benets close | 22 ST BENETS CLOSE | 13 green dragon gardens |
        door number 4
    """,
    "money": """
        £11.90 | £1,200 | £ 50 | 50p | 4p | £5 | ten pounds | twenty quid | tenner | fiver |
        two grand | fifty pence | 11.80 | $40 | €20 | a hundred quid | five hundred pounds |
        20 quid | 5k
    """,
    "number": """
        7 | 3 | twenty two | thirty-eight | fourty | sevin | tweleve | twelve | first | second
        | third | fourth | dozen | half a dozen | a hundred | zero | one | x2 | 7lb 2 | two
        hundred and six | ninty | hundreds | 1:1 | 2nd | eigth | thirteeen | 4x | ½ | ①
    """,
}
SHAPES = [
    (kind, " ".join(shape.split()))
    for kind, shapes in WRITTEN.items()
    for shape in shapes.split("|")
]
FRAMES = ["{}", "please see {} ok", "so we said, {}. then", "{}, it was"]


def removed(message: TokenizedMessage, patterns: Patterns) -> set[int]:
    return {*patterns.removes(message), *Letters().removes(message)}


def test_every_kind_has_its_shapes():
    assert set(WRITTEN) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(WRITTEN))
def test_a_shape_leaves_no_word_and_its_neighbours_stay(kind, patterns):
    shapes = [shape for of, shape in SHAPES if of == kind]
    assert shapes
    for shape, frame in itertools.product(shapes, FRAMES):
        before, after = frame.split("{}")
        message = TokenizedMessage.read(before + shape + after)
        words = {i for i, token in enumerate(message.tokens) if token.is_word}
        inside = range(
            len(TokenizedMessage.read(before).tokens),
            len(message.tokens) - len(TokenizedMessage.read(after).tokens),
        )
        gone = removed(message, patterns)
        assert words.intersection(inside) <= gone, (shape, frame)
        assert not gone - set(inside), (shape, frame)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ring 07700 900123", "phone"),
        ("ring zero seven seven nine one one", "phone"),
        ("jo at example dot com", "email"),
        ("jo@example.com", "email"),
        ("www.example.com", "link"),
        ("@jobloggs", "handle"),
        ("my nhs number is 943 476 5919 b", "phone"),
        ("qq 12 34 56 c", "identifier"),
        ("ls14ab", "postcode"),
        ("ab12 cde", "plate"),
        ("3rd of march", "date"),
        ("half ten", "time"),
        ("eighty four years old", "age"),
        ("room seven", "address"),
        ("twenty quid", "money"),
        ("twelve", "number"),
        ("7", "number"),
    ],
)
def test_the_kind_is_told(text, kind, patterns):
    assert kind in patterns.removes(TokenizedMessage.read(text)).values()


def test_a_word_of_several_kinds_counts_for_the_first(patterns):
    # A telephone number, an identifier in groups, a date and words with digits.
    message = TokenizedMessage.read("07700 900123")
    assert set(patterns.removes(message).values()) == {"phone"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("my password is sunflower ok", "my password is ok"),
        ("password: sun flower", "password flower"),
        ("the login is jobloggs then", "the login is then"),
        ("find me on insta as sweet joe", "find me on insta as"),
        ("my tiktok name is lovely", "my tiktok name is"),
        ("the key safe code is four four seven one", "the key safe code is"),
        ("case ref is CAD 2119, be careful", "case ref is be careful"),
        ("she was born in the sixties", "she was born in the"),
        ("she is turning sixty", "she is turning"),
        ("the badge number is HH 2203 now", "the badge number is now"),
        ("the reg is ab 12", "the"),
        ("off sat and sun, on fri", "off and on"),
        ("chef says fri fish, sat pie, sun roast", "chef says fish pie roast"),
        ("in may or june", "in or"),
        ("by may", "by"),
        ("it was march the 3rd", "it was"),
        ("giving it up for lent", "giving it up for"),
        ("pm or am, eleven till five", "pm or am"),
        ("seven to five a day", "a day"),
        ("pm or am, between eight and six", "pm or am"),
        ("made dosa at 11 at night and slept", "made dosa at and slept"),
        ("they rang at three in the morning", "they rang at"),
        ("half past three in the morning again", "again"),
        ("she came in the spring of ninety six", "she came in the"),
        ("gone since spring 2024 now", "gone since now"),
        ("it was summer '23, hot", "it was hot"),
        ("17 to 21 February is booked", "is booked"),
        ("who can do sat?", "who can do"),
        ("my sat shift", "my shift"),
        ("sat lates are mine", "lates are mine"),
        ("she sat down and he sat with her", "she sat down and he sat with her"),
        ("she's 3 months", "she's"),
        ("baby is only 9 weeks", "baby is only"),
        ("two ch (6, 9 mths), mum is", "ch mum is"),
        ("off for 3 months", "off for months"),
        ("he's 2 and a half", "he's"),
        ("just come out of no 54 and", "just come out of and"),
        ("20 mins late off the no 86 bus", "mins late off the"),
        ("no one said no", "no said no"),
        ("top floor, ring buzzer 3", "top floor ring"),
        ("whoever u/tired_one is", "whoever is"),
        ("look tiktok.com / video / 123 ok", "look ok"),
        ("look vm.tiktok.com/ab12 video 123 ok", "look ok"),
        ("the video is lovely, watch it", "the video is lovely watch it"),
        ("and/or he/she", "and or he she"),
        ("on no account, no one", "on no account no"),
        ("ring my mate Jo @ 7", "ring my mate Jo"),
        ("see you 2moro m8", "see you"),
        ("see you @ work", "see you"),
        ("it was five to.", "it was"),
        ("he lives at no 7 now", "he lives at now"),
        ("the third of march", "the"),
        ("my insta is sweetjo", "my insta is"),
        ("insta: jo.blogs", "insta"),
        ("i got a tenner", "i got a"),
    ],
)
def test_what_stands_beside_a_shape_stays(text, left, patterns):
    message = TokenizedMessage.read(text)
    gone = removed(message, patterns)
    words = [t.written for i, t in enumerate(message.tokens) if t.is_word and i not in gone]
    assert " ".join(words) == left
