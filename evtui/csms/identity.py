"""Which station a connection is: its URL path says so (OCPP-J 2.0.1 3.1.1)."""

from urllib.parse import unquote_to_bytes

MOST_CHARACTERS = 48


def identity_of(path: str) -> str | None:
    """The identity in a request path: the last segment, percent-decoded, whatever stands before it. None if it is none:
    empty, longer than 48 characters, with a colon, or not printable."""
    segment = path.partition("?")[0].rpartition("/")[2]
    try:
        identity = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return None
    return identity if is_identity(identity) else None


def is_identity(text: str) -> bool:
    """Whether a station can be called so."""
    if not 0 < len(text) <= MOST_CHARACTERS or ":" in text or not text.isprintable():
        return False
    return text == text.strip()
