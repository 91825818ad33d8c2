"""Heavy modules, loaded in a thread: half a second, or many on a busy machine, that stations do not wait for."""

import asyncio
from importlib import import_module
from typing import Any


async def loaded(name: str, closing: asyncio.Event) -> Any:
    """The module; None when `closing` is set before it is there: it loads on, and whoever closes does not wait."""
    if closing.is_set():
        return None
    loading = asyncio.ensure_future(asyncio.to_thread(import_module, name))
    ending = asyncio.ensure_future(closing.wait())
    try:
        await asyncio.wait((loading, ending), return_when=asyncio.FIRST_COMPLETED)
        return None if closing.is_set() else loading.result()
    finally:
        loading.cancel()
        ending.cancel()
