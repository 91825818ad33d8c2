"""Opening the door of a fleet to the windows of its user, who find it by `evtui ls`."""

import os
import time

from evtui.engine.door import View
from evtui.host.lifeline import Lifeline
from evtui.host.runtime import FleetRecord, RunPlace
from evtui.host.server import DoorServer
from evtui.host.site import Site


async def open_door(site: Site, lifeline: Lifeline, place: RunPlace) -> DoorServer:
    """From now on windows can come, and others find the fleet."""
    server = DoorServer(site.door, lifeline, site)
    await server.listen(place.socket)
    totals = (await site.door.fleet(View(count=0))).totals
    place.announce(FleetRecord(place.name, os.getpid(), str(place.socket), time.time(), totals.stations, site.csms_url))
    return server
