"""Who sends a message: a station to its CSMS, or the embedded CSMS to a station. The same forms serve both."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from evtui.engine.door import Target
from evtui.ocppj.schema_files import Version


class Answer(NamedTuple):
    """What came of a message: `text` in a line; `body` is JSON that came back, "" when none did."""

    done: bool
    text: str
    body: str = ""


class Message(NamedTuple):
    """What is to be sent; `payload` is JSON, as it is. Without `message_id` it gets a new one."""

    action: str
    payload: str
    although_invalid: bool = False
    message_id: str = ""


class End(NamedTuple):
    """The one that sends. `name` tells people from whom to whom; `live` is what is true now, `send` tells the answer,
    `obstacle` why nothing can be sent now; `targets` are the stations that it is about; `refresh` asks what is
    true now."""

    name: str
    version: Version
    of_station: bool
    targets: tuple[Target, ...]
    live: Callable[[], Mapping[str, Any]]
    send: Callable[[Message], Awaitable[Answer]]
    obstacle: Callable[[], str | None]
    refresh: Callable[[], Awaitable[None]]
