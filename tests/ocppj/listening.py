"""Waiting for what a connection hears."""

import asyncio

from evtui.ocppj.connection import Connection


async def heard(connection: Connection) -> str | bytes:
    """The next message. LinkError when the connection is gone."""
    rung = asyncio.Event()
    connection.attend(rung.set)
    while not connection.ready:
        await rung.wait()
        rung.clear()
    return connection.take()
