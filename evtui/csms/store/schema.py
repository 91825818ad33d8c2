"""How the file is laid out. What people may want to look at stands in columns; the rest is JSON.

Frames and transactions are numbered, and their numbers never come again; a frame's `pair` is the number of its CALL,
or of its answer. Moments are Unix time. What `steps` tell of a transaction is newer than its row, and its samples: with
their seqNo and charging state (null where none was told), they are readings that stand there for some seconds at most
while a CSMS writes.
"""

from typing import Final

from evtui.disk.database import Kind, Statement

_STEPS: Final = """
create table steps (
    number integer primary key, tx integer not null, seq integer, at real not null, power_w real, energy_wh real,
    soc_percent real, voltage_v real, current_a real
);
"""
_STATE: Final = "alter table steps add column state text;"  # the charging state, where a step tells it

_CREATE: Final = f"""{_STEPS}{_STATE}
create table stations (number integer primary key, id text not null unique);
create table parts (
    station integer not null, name text not null, value text not null, primary key (station, name)
) without rowid;
create table notices (
    number integer primary key, station integer not null, at real not null, action text not null, text text not null
);
create table pages (
    number integer primary key, station integer not null, kind text not null, request text not null,
    page text not null
);
create table transactions (
    number integer primary key, station text not null, id text not null, evse integer, connector integer,
    id_token text, started_at real not null, ended_at real, stopped_reason text, energy_wh real,
    remote_start_id integer, written_at real not null, facts text not null, unique (station, id)
);
create table samples (
    tx integer not null, at real not null, power_w real, energy_wh real, soc_percent real, voltage_v real,
    current_a real, primary key (tx, at)
) without rowid;
create table starts (number integer primary key, start text not null);
create table tokens (
    value text not null, type text not null, entry text not null, primary key (value, type)
) without rowid;
create table settings (
    station text not null, name text not null, value text not null, primary key (station, name)
) without rowid;
create table frames (
    number integer primary key, at real not null, station text not null, direction integer not null,
    type integer not null, action text not null, message_id text not null, text text not null, fault text not null,
    masked integer not null, pair integer, rtt_s real
);
"""

KIND: Final = Kind(
    application=0x65766373,  # "evcs"
    schema=3,
    create=_CREATE,
    migrations={1: _STEPS, 2: _STATE},
    ways_out="name another file",
    settings=("page_size = 8192", "auto_vacuum = incremental", "journal_size_limit = 67108864"),
)

STATION: Final = Statement("insert or replace into stations values {}", "(?,?)")
PART: Final = Statement("insert or replace into parts values {}", "(?,?,?)")
NOTICE: Final = Statement("insert or replace into notices values {}", "(?,?,?,?,?)")
PAGE: Final = Statement("insert or replace into pages values {}", "(?,?,?,?,?)")
# Not replaced as a whole: its index stays as it is.
TRANSACTION: Final = Statement(
    "insert into transactions values {} on conflict do update set "
    + ", ".join(
        f"{each} = excluded.{each}"
        for each in (
            *("evse", "connector", "id_token", "started_at", "ended_at", "stopped_reason", "energy_wh"),
            *("remote_start_id", "written_at", "facts"),
        )
    ),
    "(?,?,?,?,?,?,?,?,?,?,?,?,?)",
)
SAMPLE: Final = Statement(
    "insert into samples values {} on conflict do update set "
    + ", ".join(
        f"{each} = max(coalesce(excluded.{each}, {each}), coalesce({each}, excluded.{each}))"
        for each in ("power_w", "energy_wh", "soc_percent", "voltage_v", "current_a")
    ),
    "(?,?,?,?,?,?,?)",
)
STEP: Final = Statement("insert or replace into steps values {}", "(?,?,?,?,?,?,?,?,?,?)")
START: Final = Statement("insert or replace into starts values {}", "(?,?)")
TOKEN: Final = Statement("insert or replace into tokens values {}", "(?,?,?)")
SETTING: Final = Statement("insert or replace into settings values {}", "(?,?,?)")
FRAME: Final = Statement("insert or replace into frames values {}", "(?,?,?,?,?,?,?,?,?,?,?,?)")
