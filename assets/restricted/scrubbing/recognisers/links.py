"""E-mails, links and handles, also as people spell them out."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, first_words
from assets.restricted.scrubbing.recognisers.words import ANY_GAP, END, GAP, START, WORD, any_of

_ENDINGS = any_of(LISTS["link_endings"])
_PROVIDERS_WORDS = LISTS["providers"]
_PROVIDERS = any_of(_PROVIDERS_WORDS)
_PLATFORMS_WORDS = LISTS["platforms"]
_PLATFORMS = any_of(_PLATFORMS_WORDS)
_ORDINARY = any_of(LISTS["not_handle"])

_ACCOUNT = "name|handle|user|username|id|page|account|profile|tag"
_DOT = f"{ANY_GAP}(?:dot|d0t|doht){ANY_GAP}"
_JOINT = any_of(LISTS["joints"], ANY_GAP)
_PATH = f"(?:{ANY_GAP}(?:{_JOINT}){ANY_GAP}{WORD}){{0,6}}"
_LOCAL_PART = r"[^\W_][\w.'-]{0,60}"
_NOT_ORDINARY = f"(?!(?:{_ORDINARY}){END})"

SHAPES = (
    Shapes(
        "email",
        Asked.WORDS,
        {
            "spelled": f"{START}{_NOT_ORDINARY}{_LOCAL_PART}{_PATH}{ANY_GAP}at{ANY_GAP}{WORD}"
            f"(?:{ANY_GAP}(?:hyphen|dash){ANY_GAP}{WORD}){{0,3}}(?:{_DOT}{WORD}){{1,4}}{END}",
            "at a provider": f"{START}{_NOT_ORDINARY}{_LOCAL_PART}{_PATH}{ANY_GAP}at{ANY_GAP}"
            f"(?:gmail|googlemail|hotmail|outlook|yahoo|icloud|aol|btinternet|protonmail){END}",
            "provider": f"{START}(?:gmail|googlemail|hotmail|icloud|btinternet|protonmail|nhsmail)"
            f"(?:{_DOT}(?:{_ENDINGS})){{0,2}}{END}",
            "provider with its ending": f"{START}(?:{_PROVIDERS})(?:{_DOT}(?:{_ENDINGS})){{1,2}}"
            f"{END}",
        },
        frozenset({"dot", "d0t", "doht"}) | first_words(_PROVIDERS_WORDS),
    ),
    Shapes(
        "link",
        Asked.WORDS,
        {
            "spelled": f"{START}(?:www{ANY_GAP}(?:dot{ANY_GAP})?)?{WORD}"
            f"(?:{ANY_GAP}(?:hyphen|dash){ANY_GAP}{WORD}){{0,3}}"
            f"(?:{_DOT}{WORD}){{0,3}}{_DOT}(?:{_ENDINGS}){END}{_PATH}{END}",
            "spelled with an ending of its own": f"{START}{_NOT_ORDINARY}{WORD}{_DOT}"
            f"{_NOT_ORDINARY}{WORD}{_PATH}{END}",
            "start or end": f"{START}(?:(?:https?{ANY_GAP}(?:colon{ANY_GAP})?"
            f"(?:(?:forward{ANY_GAP})?slash{ANY_GAP}){{0,2}})?www(?:{_DOT}{WORD}){{0,5}}{_PATH}"
            f"|https?(?:{ANY_GAP}colon)?(?:{ANY_GAP}(?:forward{ANY_GAP})?slash){{0,2}}|dotcom|dot{GAP}com|dot{GAP}co{GAP}dot{GAP}uk){END}",
        },
        frozenset({"dot", "d0t", "doht", "www", "http", "https", "dotcom"}),
    ),
    Shapes(
        "handle",
        Asked.WORDS,
        {
            "on a platform": f"{START}(?:on{GAP}(?:{_PLATFORMS})(?:{GAP}(?:{_ACCOUNT}))?"
            f"{GAP}(?:as|under|at)|(?:{_PLATFORMS}){GAP}(?:{_ACCOUNT}){GAP}(?:is|called|as|under))"
            f"{GAP}\\K{_NOT_ORDINARY}{WORD}(?:{GAP}{_NOT_ORDINARY}{WORD})?{END}",
            "my insta is": f"{START}(?:my|our|his|her|their){GAP}(?:{_PLATFORMS}){GAP}(?:is|called)"
            f"{GAP}\\K{_NOT_ORDINARY}{WORD}(?:{GAP}{_NOT_ORDINARY}{WORD})?(?=\\s*(?:[.,?!]|$))",
            "handle is": f"{START}(?:handle|username|user{GAP}name|screen{GAP}name|nickname|"
            f"gamertag){GAP}(?:is|called){GAP}\\K{_NOT_ORDINARY}{WORD}{END}",
            "behind a colon": f"{START}(?:{_PLATFORMS})[ ]?[:=][ ]?\\K{WORD}{END}",
        },
        first_words(_PLATFORMS_WORDS)
        | {"handle", "username", "user", "screen", "nickname", "gamertag"},
    ),
    Shapes(
        "handle",
        Asked.SIGN,
        {
            # The isolates are what WhatsApp wraps a mention in; older exports write "@Ada Obi".
            "isolated": r"@?[\u2066-\u2068][^\u2069\n]*\u2069?",
            "bare": r"(?<![^\W_])@\s?[\w.'-]+(?-i:(?:[ ]\p{Lu}[\w'-]*){0,2})",
            "anything else with a sign": r"(?<!\S)(?=\S*@)\S++",
            "hashtag": r"#\s?[\w-]+",
        },
    ),
    Shapes(
        "email",
        Asked.SIGN,
        {
            "at": r"(?<!\S)[^\s@]+@\S++",
            "at in brackets": r"(?<!\S)\S{1,60}[(\[{]\s?at\s?[)\]}]\S++",
            "at with gaps": r"(?<!\S)[\w.+-]{1,64}(?:\s@\s|@\s|@)[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}",
        },
    ),
    Shapes(
        "link",
        Asked.SIGN,
        {
            "link": r"(?<!\S)(?=\S*(?:://|(?<![^\W_])www\.|\\))\S++",
            "path": r"(?<!\S)\S*[^\W_]\.[^\W\d_]{2,}[/?#]\S*+",
            "spelled path": r"(?<!\S)\S*[^\W_]\.[^\W\d_]{2,}[/]?"
            f"(?:{ANY_GAP}(?:forward{ANY_GAP})?(?:slash|hash|question{ANY_GAP}mark){ANY_GAP}{WORD})+",
            "ending": r"(?<!\S)\S*[^\W_]\.(?:example|test|local|internal|lan|onion)" + END + r"\S*",
            "file": r"(?<!\S)\S+\.(?:pdf|docx?|xlsx?|csv|txt|jpe?g|png|gif|webp|mp[34]|opus|vcf|zip"
            r"|heic|mov|pptx?|ics)" + END,
        },
    ),
)
