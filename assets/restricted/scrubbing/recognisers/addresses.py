"""Where people live, lie and wait: streets, rooms, beds, buses."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.numbers import NUMBER, NUMBER_WORD, ORDINAL_WORD
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, held
from assets.restricted.scrubbing.recognisers.words import END, GAP, START, any_of

_PLACES_WORDS = LISTS["places"]
_PLACES = any_of(_PLACES_WORDS)
_DIGIT_PLACES = any_of(LISTS["digit_places"])
# Not what text speak and kisses are written with: "in bed u ok", "in the house x".
_LETTER = r"(?:[b-hjlmo-qstvwyz]|(?-i:A))"
_NUMBERED = rf"{NUMBER}(?:{GAP}{NUMBER_WORD}){{0,3}}(?:[ -]?{_LETTER}{END})?"

_ROADS_WORDS = LISTS["roads"]
_ROADS = any_of(_ROADS_WORDS)
_DWELLINGS_WORDS = LISTS["dwellings"]
_DWELLINGS = any_of(_DWELLINGS_WORDS)
# Words before "road" or "street" that make no name of it.
_PLAIN = any_of(LISTS["before_road"])
# And after a number, before "drive", "walk" or "court", with what is counted.
_COUNTED = any_of(LISTS["before_dwelling"])
_NOT_PLAIN = f"(?!(?:{_PLAIN}){END})"
_NOT_COUNTED = f"(?!(?:{_COUNTED}){END})"
_NAME = r"[^\W\d_][\w'-]{0,40}"
_CAPITALISED = r"(?-i:[\p{Lu}][\p{Ll}'])[\w'-]{0,40}"
_HOUSE = rf"{START}(?:(?:no|number|num){GAP})?{NUMBER}(?:[ -]?[a-h]{END})?[ ,]{{1,3}}(?:the{GAP})?"

_NEXT = r"[^\w.,?!]{0,4}"

_FLOORS = ("floor", "fl", "flr", "landing", "storey", "room", "flat", "door", "bed", "ward",
           "house")  # fmt: skip
_VEHICLES = ("bus", "train", "tram")
_LARGE_DWELLINGS = ("gardens", "grove", "lodge", "square", "manor", "cottage", "cottages", "villas",
                    "heights", "st")  # fmt: skip
_CAPITAL, _APART = r"[A-Z][a-z'][\w'-]{0,40}", r"[^\w.,?!]+"

SHAPES = (
    Shapes(
        "address",
        Asked.WORDS,
        {
            "room b": rf"{START}(?:{_PLACES}){END}{_NEXT}"
            rf"(?:(?:no|nos|number|num|nr)\W{{1,3}})?{_LETTER}{END}",
            "named road": f"{START}{_NOT_PLAIN}{_NAME}{GAP}(?:{_ROADS}){END}",
            "capitalised": f"{START}{_NOT_PLAIN}{_CAPITALISED}"
            f"(?:{GAP}{_NOT_PLAIN}{_CAPITALISED}){{0,2}}{GAP}(?=(?-i:[\\p{{Lu}}]))"
            f"(?:{_ROADS}|{_DWELLINGS}){END}",
        },
        {
            "room b": held(_PLACES_WORDS),
            "named road": held(_ROADS_WORDS),
            "capitalised": held(
                (*_ROADS_WORDS, *_DWELLINGS_WORDS), mark=f"{_CAPITAL}{_APART}[A-Z]"
            ),
        },
    ),
    Shapes(
        "address",
        Asked.NUMBER,
        {
            "room seven": rf"{START}(?:{_PLACES}){END}{_NEXT}(?:(?:no|nos|number|num|nr)\W{{1,3}})?"
            f"{_NUMBERED}",
            "second floor": f"{START}(?:{ORDINAL_WORD}{END}|\\d{{1,3}}(?:st|nd|rd|th)){GAP}"
            f"(?:{any_of(_FLOORS)}){END}",
            "number seven bus": f"{START}{NUMBER}{GAP}(?:bus|train|tram){END}",
            "number and road": f"{_HOUSE}{_NOT_COUNTED}{_NAME}"
            f"(?:{GAP}{_NOT_COUNTED}{_NAME}){{0,2}}?{GAP}(?:{_ROADS}){END}",
            "number and capitals": f"{_HOUSE}{_NOT_PLAIN}{_CAPITALISED}"
            f"{GAP}{_NOT_PLAIN}{_CAPITALISED}",
            "number six": f"{START}(?:number|num){GAP}"
            f"(?:{NUMBER_WORD}|\\d{{1,3}}[a-z]?){END}(?![ -]\\d)",
            "number and saint": f"{_HOUSE}(?:st|saint){GAP}{_NAME}"
            f"{GAP}(?:{_ROADS}|{_DWELLINGS}){END}",
            "number, two names and dwelling": f"{_HOUSE}{_NOT_COUNTED}{_NAME}{GAP}{_NOT_COUNTED}"
            f"{_NAME}{GAP}(?:{any_of(_LARGE_DWELLINGS)}){END}",
            "number and dwelling": f"{_HOUSE}{_NOT_COUNTED}{_NAME}{GAP}(?:{_DWELLINGS}){END}",
            "number and names": f"{_HOUSE}{_CAPITALISED}(?:{GAP}{_CAPITALISED}){{0,2}}{GAP}"
            f"(?:{_DWELLINGS}){END}",
        },
        {
            "room seven": held(_PLACES_WORDS),
            "second floor": held(_FLOORS),
            "number seven bus": held(_VEHICLES),
            "number and road": held(_ROADS_WORDS),
            "number and capitals": held(mark=f"{_CAPITAL}{_APART}{_CAPITAL}"),
            "number six": held(("number", "num")),
            "number and saint": held(("st", "saint"), (*_ROADS_WORDS, *_DWELLINGS_WORDS)),
            "number, two names and dwelling": held(_LARGE_DWELLINGS),
            "number and dwelling": held(_DWELLINGS_WORDS),
            "number and names": held(_DWELLINGS_WORDS),
        },
    ),
    Shapes(
        "address",
        Asked.DIGIT,
        {
            "no 7": rf"{START}no(?:\.\s?|{GAP})\d",
            "door 7": rf"{START}(?:{_DIGIT_PLACES}){END}{_NEXT}(?:(?:no|number|num)\W{{1,3}})?\d",
            "the 103": rf"{START}the{GAP}\d\w*{GAP}(?:bus|train|tram){END}",
            "degrees": r"\d\S*\W{1,3}(?:degrees\W{1,3})?(?:north|south|east|west|[nsew])" + END,
        },
        {
            "no 7": held(("no",)),
            "door 7": held(LISTS["digit_places"]),
            "the 103": held(_VEHICLES),
            "degrees": held(("north", "south", "east", "west", "n", "s", "e", "w")),
        },
    ),
    Shapes(
        "address",
        Asked.SIGN,
        {
            # what3words, with or without its slashes.
            "three words": r"(?<![\w.])/{0,3}[^\W\d_]{3,20}(?:\.[^\W\d_]{3,20}){2}(?![\w.])",
            "after slashes": r"/{3}\s?\S++",
        },
        {
            "three words": held(mark=r"[a-zA-Z]\.[a-zA-Z]{3,20}\.[a-zA-Z]", outlines=("a.aaa",)),
            "after slashes": held(mark="///", outlines=("///",)),
        },
    ),
)
