"""Reading what a request brings."""

from typing import Any

import msgspec
from fastapi import Request

from evtui.errors import LocalError

MOST_BYTES = 1 << 19


async def read_body(request: Request, record: Any = Any) -> Any:
    """The body as JSON of a type; an empty one is `{}`. LocalError says what is wrong with it, and where."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise LocalError(f"a body has at most {MOST_BYTES} bytes")
    try:
        return msgspec.json.decode(body or b"{}", type=record)
    except msgspec.ValidationError as error:
        raise LocalError(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise LocalError("the body is no JSON") from None
