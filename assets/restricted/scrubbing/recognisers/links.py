"""E-mails, links and handles, also as people spell them out."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, held
from assets.restricted.scrubbing.recognisers.words import (
    ANY_GAP,
    DIGIT_WORD,
    END,
    GAP,
    START,
    WORD,
    any_of,
)

_ENDINGS = any_of(LISTS["link_endings"])
_PROVIDERS_WORDS = LISTS["providers"]
_PROVIDERS = any_of(_PROVIDERS_WORDS)
_PLATFORMS_WORDS = LISTS["platforms"]
_PLATFORMS = any_of(_PLATFORMS_WORDS)
_ORDINARY = any_of(LISTS["not_handle"])

_PAGES = ("video", "videos", "reel", "reels", "watch", "shorts", "playlist")
_ACCOUNT = "name|handle|user|username|id|page|account|profile|tag"
_FILES = (
    "pdf", "doc", "docx", "xls", "xlsx", "csv", "txt", "jpg", "jpeg", "png", "gif", "webp", "mp3",
    "mp4", "opus", "vcf", "zip", "heic", "mov", "ppt", "pptx", "ics",
)  # fmt: skip
_DOTS = ("dot", "d0t", "doht")
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
        {
            "spelled": held(_DOTS, ("at",)),
            "at a provider": held(_PROVIDERS_WORDS, ("at",)),
            "provider": held(_PROVIDERS_WORDS),
            "provider with its ending": held(_DOTS, _PROVIDERS_WORDS),
        },
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
        {
            "spelled": held(_DOTS),
            "spelled with an ending of its own": held(_DOTS),
            "start or end": held(("www", "http", "https", "dotcom", "dot")),
        },
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
        {
            "on a platform": held(_PLATFORMS_WORDS),
            "my insta is": held(_PLATFORMS_WORDS, ("my", "our", "his", "her", "their")),
            "handle is": held(
                ("handle", "username", "user", "screen", "nickname", "gamertag"), ("is", "called")
            ),
            "behind a colon": held(_PLATFORMS_WORDS, mark="[:=]"),
        },
    ),
    Shapes(
        "handle",
        Asked.SIGN,
        {
            # The isolates are what WhatsApp wraps a mention in; older exports write "@Ada Obi".
            "isolated": r"@?[\u2066-\u2068][^\u2069\n]*\u2069?",
            "bare": r"(?<![^\W_])@\s?[\w.'-]+(?-i:(?:[ ][\p{Lu}][\w'-]*){0,2})",
            "anything else with a sign": r"(?<!\S)(?=\S*@)\S++",
            "hashtag": r"#\s?[\w-]+",
            "u/name": r"(?<![^\W_])[ur]/[\w-]+",
        },
        {
            "isolated": held(mark="[\u2066-\u2068]", outlines=("\u2066", "\u2067", "\u2068")),
            "bare": held(mark="@", outlines=("@",)),
            "anything else with a sign": held(mark="@", outlines=("@",)),
            "hashtag": held(mark="#", outlines=("#",)),
            "u/name": held(mark="[urUR]/", outlines=("a/",)),
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
        {
            "at": held(mark="@", outlines=("@",)),
            "at in brackets": held(("at",), mark=r"[(\[{]\s?[aA]"),
            "at with gaps": held(mark="@", outlines=("@",)),
        },
    ),
    Shapes(
        "link",
        Asked.SIGN,
        {
            "link": r"(?<!\S)(?=\S*(?:://|(?<![^\W_])www\.|\\))\S++",
            "path": r"(?<!\S)\S*[^\W_]\.[^\W\d_]{2,}[/?#]\S*+",
            "path with gaps": rf"(?<!\S)(?:\S*[^\W_]\.[^\W\d_]{{2,}}|(?:{_PLATFORMS}))"
            rf"(?:\s?/\s?{WORD}){{1,6}}",
            "video of a link": rf"(?<!\S)\S*[^\W_]\.[^\W\d_]{{2,}}\S*\s{{1,2}}(?:{any_of(_PAGES)})"
            rf"(?:[/?=:\s]{{1,3}}{DIGIT_WORD})?{END}",
            "page and number": rf"{START}(?:{any_of(_PAGES)})[/?=]{{1,2}}{WORD}",
            "spelled path": r"(?<!\S)\S*[^\W_]\.[^\W\d_]{2,}[/]?"
            f"(?:{ANY_GAP}(?:forward{ANY_GAP})?(?:slash|hash|question{ANY_GAP}mark){ANY_GAP}{WORD})+",
            "ending": r"(?<!\S)\S*[^\W_]\.(?:example|test|local|internal|lan|onion)" + END + r"\S*",
            "file": r"(?<!\S)\S+\.(?:pdf|docx?|xlsx?|csv|txt|jpe?g|png|gif|webp|mp[34]|opus|vcf|zip"
            r"|heic|mov|pptx?|ics)" + END,
        },
        {
            "link": held(mark=r"://|\\|[wW]\.", outlines=("://", "\\", "a.")),
            "path": held(mark=r"\.[a-zA-Z]{2,}[/?#]", outlines=(".aa",)),
            "path with gaps": held(mark="/", outlines=("/",)),
            "video of a link": held(_PAGES, mark=r"\.[a-zA-Z]{2}"),
            "page and number": held(_PAGES, mark="[/?=]"),
            "spelled path": held(("slash", "hash", "question"), mark=r"\.[a-zA-Z]{2}"),
            "ending": held(("example", "test", "local", "internal", "lan", "onion")),
            "file": held(_FILES),
        },
    ),
)
