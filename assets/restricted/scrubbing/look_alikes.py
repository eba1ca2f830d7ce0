"""Letters of other alphabets that look like a Latin one."""

import unicodedata

# Cyrillic, Greek, small capitals and the like, each above what it is read as. Letters that
# Unicode itself takes apart into a Latin one and its accents need no entry.
_LOOK_ALIKES = dict(
    zip(
        "аеорсухіјѕһԁԛԝӏкмтвнпгѵіАВЕКМНОРСТУХІЈЅԌԚԜӀαεορντυικχηωγΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
        "ıɑɡłøđŁØĐƖɩʟᴀʙᴄᴅᴇꜰɢʜɪᴊᴋᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
        "aeopcyxijshdqwlkmtbhnrviABEKMHOPCTYXIJSGQWlaeopvtuikxnwyABEZHIKMNOPTYX"
        "iagloDLODliLABCDEFGHIJKMNOPRSTUVWYZ".replace("loDLOD", "lodLOD"),
        strict=True,
    )
)


class _Readings(dict[int, str]):
    """For each character one to read it as; filled as characters come up."""

    def __missing__(self, key: int) -> str:
        character = chr(key)
        reading = _LOOK_ALIKES.get(character) or unicodedata.normalize("NFKD", character)[0]
        self[key] = reading if reading.isascii() and reading.isalpha() else character
        return self[key]


_READINGS = _Readings()


def plain(text: str) -> str:
    """The text, as long as before, with letters read as the Latin ones that they look like.

    Only for finding things: whoever decides what stays looks at the letters as written.
    """
    return text if text.isascii() else text.translate(_READINGS)
