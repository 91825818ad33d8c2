"""An embedded CSMS that never was, with something in each of its books."""

from evtui.engine.beside import Book, CsmsFinding, CsmsStation, CsmsToken, CsmsTransaction, CsmsView
from tests.tui.fake_door import BEGIN, FakeDoor, charging_fleet


def embedded(door: FakeDoor | None = None) -> FakeDoor:
    """A fleet and its CSMS, to which one more station is connected."""
    door = door or charging_fleet()
    stations = tuple(
        CsmsStation(
            each.id,
            "2.0.1",
            True,
            "Accepted",
            "evtui AC22",
            ("1/1 Occupied" if each.evses[0].plugged else "1/1 Available",),
            int(each.evses[0].transaction_id is not None),
            each.evses[0].power_w(door.at),
            0,
            door.at,
            1,
            each.evses[0].transaction_id or "",
            "DEADBEEF",
        )
        for each in door.stations
    )
    other = CsmsStation("X\x1b[31m[b]", "1.6", False, "Pending", "", (), 0, 0.0, 3, None, 2, "41", "")
    door.csms_rows = {
        Book.STATIONS: (*stations, other),
        Book.TRANSACTIONS: (
            CsmsTransaction("CP001", "5f21-4f0e", 1, "DEADBEEF", BEGIN, None, "Charging", 4321.0, 12, 2),
            CsmsTransaction(other.station_id, "41", 2, "***", BEGIN, BEGIN + 60, "", None, 2, 0),
        ),
        Book.TOKENS: (CsmsToken("0815", "Central", "Blocked", "house", (1, 2)),),
        Book.FINDINGS: (CsmsFinding("CP001", "error", "E01.FR.07", "the \x07 seqNo 4 is missing", 3, BEGIN),),
    }
    door.csms_view = CsmsView(
        "ws://127.0.0.1:9000",
        "http://127.0.0.1:8081",
        4,
        {book: len(rows) for book, rows in door.csms_rows.items()},
        "Accepted",
        Book.STATIONS,
        0,
        (),
    )
    return door
