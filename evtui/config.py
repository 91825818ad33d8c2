"""What runs: fleet.toml and the options of the command line, as frozen records."""

import msgspec

from evtui.sim.spec import EvseSpec, EvShare, StationSpec


class CsmsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The CSMS to dial; without `url` the embedded one, on `host` and `port`. Passwords are named, never written here:
    `password_env` an environment variable, `password_file` a file; `{id}` in either stands for the station id."""

    url: str | None = None
    host: str = "127.0.0.1"
    port: int = 9000
    web_port: int = 8081
    password_env: str | None = None
    password_file: str | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    proxy: str | None = None
    insecure: bool = False
    headers: dict[str, str] = {}


class GroupConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Stations of a kind. `id` and `serial_number` are patterns of `{n}`, such as
    "CP{n:03d}", numbered from `first`."""

    name: str = "stations"
    count: int = 4
    first: int = 1
    id: str = "CP{n:03d}"
    vendor: str = "evtui"
    model: str = "AC22"
    serial_number: str | None = "EVT-{n:06d}"
    firmware_version: str | None = None
    evses: tuple[EvseSpec, ...] = (EvseSpec(),)
    evs: tuple[EvShare, ...] = (EvShare(),)
    id_token: str = "DEADBEEF"
    id_token_type: str = "ISO14443"
    flow: str = "conformant"
    variables: dict[str, str] = {}


class FleetConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole fleet: `speed` makes physics run faster than life; `seed` fixes physics, choices and faults."""

    groups: tuple[GroupConfig, ...] = (GroupConfig(),)
    csms: CsmsConfig = CsmsConfig()
    speed: float = 60.0
    seed: int = 0


def station_specs(fleet: FleetConfig) -> tuple[StationSpec, ...]:
    """The stations of a fleet, in order."""
    raise NotImplementedError
