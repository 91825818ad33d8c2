"""Where a CSMS wants a file: an HTTP or HTTPS URL, taken apart so that nothing that prints it tells the password."""

from urllib.parse import SplitResult, quote, unquote, urlsplit

import msgspec

from evtui.sim.requests import StatusInfo

_SCHEMES = ("http", "https")
_SAFE = "/%:@!$&'()*+,;=~?"  # what may stand in a path or query as it is


class Location(msgspec.Struct, frozen=True):
    """`url` has neither user nor fragment. Basic auth may stand in the URL (N01.FR.17), percent-encoded."""

    url: str
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Location({self.place})"

    @property
    def place(self) -> str:
        """Scheme, host and path: fit for people and logs, as a query may hold a signature."""
        return self.url.partition("?")[0]

    def of(self, name: str) -> str:
        """The URL of a file: one that ends in a slash is that of a folder, any other is that of the file itself."""
        parts = urlsplit(self.url)
        if not parts.path.endswith("/"):
            return self.url
        return parts._replace(path=f"{parts.path}{quote(name, safe='')}").geturl()


def parse(text: str) -> Location | StatusInfo:
    """The location that a CSMS names, or what is wrong with it."""
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and parts.port != 0 and text.isprintable() and " " not in text
    except ValueError:
        return StatusInfo("InvalidURL", "that is no URL")
    if parts.scheme not in _SCHEMES:
        return StatusInfo("UnsupportedParam", "this station uploads by HTTP and HTTPS (FileTransferProtocols)")
    if not usable:
        return StatusInfo("InvalidURL", "that is no URL of a host")
    return Location(_bare(parts), unquote(parts.username or ""), unquote(parts.password or ""))


def _bare(parts: SplitResult) -> str:
    return parts._replace(
        netloc=parts.netloc.rpartition("@")[2],
        path=quote(parts.path or "/", safe=_SAFE),
        query=quote(parts.query, safe=_SAFE),
        fragment="",
    ).geturl()
