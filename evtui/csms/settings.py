"""What people have set for single stations, such as a password's hash or a policy: text by station and name."""

from collections.abc import Mapping

from evtui.csms.journal import Journal


class Settings:
    """Small, and read often: all of it is in memory. The station "" stands for the CSMS itself. Values may be secrets:
    they are stored as they are given, so give hashes."""

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal or Journal()
        self._values: dict[str, dict[str, str]] = {}

    def get(self, station_id: str, name: str) -> str | None:
        """The value of a setting, None if it has none."""
        return self._values.get(station_id, {}).get(name)

    def put(self, station_id: str, name: str, value: str | None) -> None:
        """Sets a value; None takes it away."""
        mine = self._values.setdefault(station_id, {})
        if value is None:
            mine.pop(name, None)
        else:
            mine[name] = value
        self._journal.setting(station_id, name, value)

    def of(self, station_id: str) -> Mapping[str, str]:
        """All that is set for a station."""
        return dict(self._values.get(station_id, {}))

    def named(self, name: str) -> Mapping[str, str]:
        """The value of a setting for each station that has one."""
        return {station_id: mine[name] for station_id, mine in self._values.items() if name in mine}

    def restore(self, station_id: str, name: str, value: str) -> None:
        """What was stored before."""
        self._values.setdefault(station_id, {})[name] = value
