"""What may stand before, beside or after an expression; none of it changes what is expressed."""

OPENERS: tuple[str, ...] = (
    "morning all", "evening all", "hi all", "hiya", "hi team", "hello everyone", "ok so", "right",
    "so", "quick one", "update", "oh", "yeah", "hey", "afternoon", "guys", "girls", "team",
    "hello", "hi", "alright all", "just seen this", "late reply", "sorry only just seen this",
    "back from break", "me again", "on lunch", "hi ladies", "hey gang", "from me", "well",
    "{mention}", "{mention}", "hi {name}", "{name} hun", "morning {name}", "{name}", "hi {mention}",
    "{name} & {name}", "hello {name}", "reply to {name}", "yeah {name}", "msg from {name}",
)  # fmt: skip

FRANK_OPENERS: tuple[str, ...] = (
    "ngl", "honestly", "tbh", "real talk", "can I just say", "truth is", "I'll be honest",
    "gonna say it", "to be fair", "not being funny but", "swear down", "I tell you what",
)  # fmt: skip

# Typed to say where or when; they carry what must be scrubbed.
ASIDES: tuple[str, ...] = (
    "this is {home} btw", "at {home}", "in {place}", "{place} side", "was with {full}",
    "{name} too",
    "ask {name}", "{name} was there", "on the {bus} now", "since {date}", "at {time}", "{room}",
    "I'm on {phone}", "call me {phone}", "{name} says the same", "from {place}",
    "{employer} again",
    "after {full}", "{postcode} run", "me and {name}", "it's {name} btw", "was there {date}",
    "{handle} if you're on insta", "with {name} and {name}", "near {place} station",
)  # fmt: skip

ASIDE_SHARE = {"burnout": 0.17, "resilience": 0.15, "resistance": 0.13, "none": 0.03}
"""How many messages of each kind carry an aside."""

SIGN_OFFS: dict[str, tuple[str, ...]] = {
    "burnout": ("x", "xx", "😩", "😭", "🥱", "😔", "smh", "💀", "lol", "sorry", "x 😢"),
    "resilience": ("x", "xx", "xxx", "❤️", "💪", "🥰", "🙏🏾", "lol", "😂", "🌈", "👏👏", "💙 xx"),
    "resistance": ("x", "xx", "✊", "✊🏽", "💪", "👊", "📣", "🙏", "👍", "🪧"),
    "none": ("x", "xx", "👍", "👍🏼", "ta", "thanks", "🙂", "pls", "👌", "☕", "cheers"),
}
