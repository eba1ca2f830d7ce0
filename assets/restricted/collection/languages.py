"""Whether a message is in English, by a coarse rule: scripts and the commonest short words.

The word lists are our own: words of everyday chat that mark one language, leaving out those that
English or a neighbour shares. Good for shares of many messages, not for one.
"""

import re

_WORDS = {
    "en": "the and you is it to of for have are was with my that this i'm not be just what we can"
    " do they will don't it's she he your been get thanks yes ok today please shift",
    "de": "und ich nicht das ist wir ihr auch mit für auf ein eine heute morgen danke bitte noch"
    " habe hast kann schon aber wie sind mir dir von zu",
    "es": "que los las por para con una muy pero está estoy gracias hola mañana hoy tengo cuando"
    " como más porque todo bien el yo nos qué",
    "pt": "não que com uma para você muito obrigado obrigada hoje amanhã estou mais também tudo bem"
    " mas pra tá são isso eu ela ele",
    "fr": "je ne pas les des est une pour avec vous nous merci demain aujourd'hui suis mais très"
    " bien c'est dans que qui j'ai oui mon",
    "it": "che non per una con sono ciao grazie oggi domani anche molto bene come più ho hai della"
    " perché questo il di",
    "nl": "het een niet ik je zijn met voor van maar ook vandaag morgen bedankt heb wel nog wat dat"
    " hoe goed naar",
    "pl": "nie jest się że na dziękuję dzisiaj jutro jak tak już mam co dla ale jestem czy bardzo"
    " tylko dobrze po",
    "ro": "nu este sunt și pentru că mai cu am mulțumesc azi mâine foarte bine dar ce la să din"
    " când acum si",
    "tr": "bir ve bu için çok ben sen değil var yok bugün yarın teşekkürler iyi ama evet hayır da"
    " ne nasıl",
    "id": "yang dan tidak ini itu saya kamu untuk dengan sudah besok hari terima kasih juga ada"
    " bisa belum lagi aja",
    "tl": "ang ng mga hindi ako ikaw siya salamat bukas ngayon po lang naman kasi wala yung ko na",
    "so": "waa iyo waxaan ma aan mahadsanid maanta berri haa maya ka ku",
    "yo_ig_pidgin": "dey una abeg wetin na oga don dem wahala sabi",
    "sv": "och jag inte det är att för med på som har tack idag imorgon också men vi bra kan",
    "fi": "ja ei on se että mutta kiitos tänään huomenna minä olen hyvin niin mitä",
}
_LANGUAGE: dict[str, frozenset[str]] = {}
for _name, _list in _WORDS.items():
    for _word in _list.split():
        _LANGUAGE[_word] = _LANGUAGE.get(_word, frozenset()) | {_name}

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# All but Latin letters with the marks of European languages and Vietnamese.
_FOREIGN = re.compile("[^\\u0000-\\u024f\\u1e00-\\u1eff]+")
# Fewer known words than this judge nothing.
FEWEST_WORDS = 2


def is_english(text: str) -> bool | None:
    """Say whether a message is in English; `None` where it holds too little to tell.

    Args:
        text: one message's body; links and numbers count for nothing.
    """
    looked_at = text[:400]
    if looked_at.isascii():
        words = _WORD.findall(looked_at.lower())
    else:
        # Of all of it lower-case letters could be more, and end a word.
        words = "\n".join(_WORD.findall(looked_at)).lower().replace("’", "'").split()
    if not words:
        return None
    letters = "".join(words)
    foreign = 0 if letters.isascii() else _foreign_in(letters)
    if foreign * 2 > len(letters):
        return False
    votes: dict[str, int] = {}
    for word in words:
        for language in _LANGUAGE.get(word, ()):
            votes[language] = votes.get(language, 0) + 1
    if not votes:
        return None
    best = max(votes.values())
    if best < FEWEST_WORDS:
        return None
    return votes.get("en", 0) == best


def _foreign_in(letters: str) -> int:
    return sum(map(len, _FOREIGN.findall(letters)))
