"""fleet.toml and the options over it: what they become, and errors of one line that name file, key and fix."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.config import (
    TEMPLATE,
    CsmsConfig,
    EchonetConfig,
    FleetConfig,
    GroupConfig,
    NetworkConfig,
    load_fleet,
    station_rules,
    station_seed,
    station_specs,
    write_template,
)
from evtui.errors import ConfigError
from evtui.options import Options, fleet_of
from evtui.sim.messages import IdToken
from evtui.sim.spec import ConnectorSpec, EvseSpec, EvShare, TransferReply
from evtui.sim.terms import ConnectorType, DataTransferStatus, IdTokenType


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fleet.toml"


def loaded(file: Path, text: str) -> FleetConfig:
    file.write_text(text)
    return load_fleet(file)


def refusal(file: Path, text: str) -> str:
    """What is said of a file that cannot be used."""
    with pytest.raises(ConfigError) as error:
        loaded(file, text)
    said = str(error.value)
    assert said.startswith(f"{file}: ")
    assert "\n" not in said
    return said.removeprefix(f"{file}: ")


# -- what a file says -----------------------------------------------------------------------------


def test_other_ways_to_a_csms_are_network_profiles(file: Path) -> None:
    """B09: slots 2 and 3."""
    fleet = loaded(file, "[[csms.network]]\nurl = 'wss://backup.example'\nmessage_timeout = 20\n")
    assert fleet.csms.network == (NetworkConfig("wss://backup.example", 20),)
    three = "[[csms.network]]\nurl = 'ws://a'\n" * 3
    assert "csms.network" in refusal(file, three)


def test_an_empty_file_says_the_defaults(file: Path) -> None:
    assert loaded(file, "") == FleetConfig()


def test_the_template_says_exactly_the_defaults(file: Path) -> None:
    write_template(file)
    assert load_fleet(file) == FleetConfig()


def test_every_default_stands_in_the_template() -> None:
    text = TEMPLATE.read_text()
    for record in (FleetConfig, CsmsConfig, EchonetConfig, GroupConfig, EvseSpec, ConnectorSpec, EvShare):
        for key in record.__struct_encode_fields__:
            assert any(mark in text for mark in (f"{key} =", f"[{key}]", f".{key}]")), key


def test_replies_to_data_transfers_carry_whatever_toml_can_say(file: Path) -> None:
    fleet = loaded(
        file,
        """
        [[group]]
        count = 1
        [[group.data_transfer]]
        vendor_id = "com.example"
        message_id = "hello"
        data = { answer = [42, 1.5, true], since = 2026-05-04 }
        [[group.data_transfer]]
        vendor_id = "com.example"
        status = "Rejected"
        """,
    )
    (spec,) = station_specs(fleet)
    assert spec.data_transfer == (
        TransferReply("com.example", "hello", data='{"answer":[42,1.5,true],"since":"2026-05-04"}'),
        TransferReply("com.example", None, DataTransferStatus.REJECTED),
    )


def test_rules_on_the_wire_are_those_of_the_fleet_and_then_those_of_the_group(file: Path) -> None:
    fleet = loaded(
        file,
        """
        [[rules]]
        action = "drop"
        chance = 5
        [[group]]
        count = 1
        [[group.rules]]
        action = "delay"
        delay_ms = "200+-50"
        filter = "~in"
        times = 3
        [[group]]
        first = 2
        count = 1
        [[group.rules]]
        action = "cut"
        every_s = 60
        """,
    )
    said = {station: [str(rule) for rule in rules] for station, rules in station_rules(fleet).items()}
    assert said == {
        "CP001": ["drop: 5 % of all frames", "delay 200+-50 ms: ~in, 3 times"],
        "CP002": ["drop: 5 % of all frames", "cut the connection every 60 s"],
    }
    assert station_rules(FleetConfig()) == {}


def test_the_template_never_overwrites(file: Path) -> None:
    file.write_text("precious")
    with pytest.raises(ConfigError, match="stays as it is"):
        write_template(file)
    assert file.read_text() == "precious"


def test_a_whole_fleet_is_read(file: Path) -> None:
    fleet = loaded(
        file,
        """
        speed = 1
        seed = 7
        [csms]
        url = "wss://csms.example/ocpp"
        password_env = "CSMS_PASSWORD"
        headers = { X-Tenant = "demo" }
        [[group]]
        count = 2
        id = "AC{n}"
        id_token = "tag"
        id_token_type = "Central"
        [[group]]
        count = 1
        first = 7
        id = "DC{n:02d}"
        serial_number = "S{n}"
        [[group.evses]]
        rated_w = 150000
        connectors = [{ type = "cCCS2", phases = 0, cable_a = 400 }, { type = "cG105", phases = 0 }]
        [[group.evs]]
        model = "hyundai-ioniq-5"
        weight = 3
        [group.variables]
        SampledDataCtrlr.TxUpdatedInterval = 5
        "AuthCtrlr.Enabled" = true
        """,
    )
    assert (fleet.speed, fleet.seed) == (1.0, 7)
    assert fleet.csms.headers == {"X-Tenant": "demo"}
    first, second, third = station_specs(fleet)
    assert (first.id, second.id, third.id) == ("AC1", "AC2", "DC07")
    assert first.id_token == IdToken("tag", IdTokenType.CENTRAL)
    assert third.serial_number == "S7"
    assert third.evses[0].connectors[0].type is ConnectorType.CCCS2
    assert third.evs == (EvShare("hyundai-ioniq-5", 3.0),)
    assert third.variables == {"SampledDataCtrlr.TxUpdatedInterval": "5", "AuthCtrlr.Enabled": "true"}


@pytest.mark.parametrize("written", ["'1.6'", "1.6"])
def test_a_version_is_a_name_with_or_without_quotes(file: Path, written: str) -> None:
    assert loaded(file, f"[csms]\nocpp = {written}").csms.ocpp == "1.6"
    assert fleet_of(Options(config=str(file), ocpp="2.0.1"), 1).csms.ocpp == "2.0.1"


def test_one_group_may_be_written_with_single_brackets(file: Path) -> None:
    assert loaded(file, "[group]\ncount = 9\n[group.variables]\nTxCtrlr.EVConnectionTimeOut = 5").groups == (
        GroupConfig(count=9, variables={"TxCtrlr.EVConnectionTimeOut": "5"}),
    )


# -- what is wrong with it ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("xyz = 3", "xyz: there is no such key; use one of group, csms, echonet, rules, speed, seed"),
        ("[[group]]\ncuont = 3", "group[0].cuont: there is no such key; did you mean count?"),
        ("[[group]]\n[[group]]\nID = 3", "group[1].ID: there is no such key; did you mean id?"),
        ("[csms]\npasword_env = 'X'", "csms.pasword_env: there is no such key; did you mean password_env?"),
        (
            "[[group]]\nevses = [{ rated_kw = 1 }]",
            "group[0].evses[0].rated_kw: there is no such key; did you mean rated_w?",
        ),
        ("speed = 'fast'", 'speed: must be a number, not text in quotes ("...")'),
        ("speed = 0", "speed: must be above 0, not 0"),
        ("speed = nan", "speed: must be above 0, not nan"),
        ("speed = inf", "speed: must be at most 1000000, not inf"),
        ("[[group]]\ncount = -1", "group[0].count: must be at least 0, not -1"),
        ("[[group]]\ncount = true", "group[0].count: must be a whole number, not true or false"),
        ("[csms]\nport = 70000", "csms.port: must be at most 65535, not 70000"),
        ("[csms]\nheaders = { a = 1 }", 'csms.headers.*: must be text in quotes ("..."), not a whole number'),
        (
            '[csms]\nheaders = { a = "b\\nc" }',
            "csms.headers: 'a': not a header; names have no blanks, values are printable",
        ),
        (
            "[csms]\nheaders = { 'a b' = 'c' }",
            "csms.headers: 'a b': not a header; names have no blanks, values are printable",
        ),
        (
            "[[csms.network]]\nurl = 'http://backup.example'",
            "csms.network[0].url: http://backup.example: OCPP-J speaks WebSocket; try ws://backup.example",
        ),
        ("[[csms.network]]\nmessage_timeout = 5", "csms.network[0]: url is missing"),
        ("[csms]\nproxy = 'foo'", "csms.proxy: not a proxy; give one such as http://proxy.example:3128"),
        ("seed = 99999999999999999999", "seed: must be at most 9223372036854775807, not 99999999999999999999"),
        ("csms = 3", "csms: must be a table, not a whole number"),
        ("group = 3", "group: must be a list, not a whole number"),
        ("[[group]]\nevses = []", "group[0].evses: must have a length of at least 1"),
        ("[[group]]\nvariables = 3", "group[0].variables: must be a table, not a whole number"),
        *(
            (f"[[group]]\n[[group.data_transfer]]\nvendor_id = 'v'\n{given}", f"group[0].data_transfer[{where}")
            for given, where in (
                ("status = 'Acepted'", "0].status: 'Acepted' is not known; did you mean Accepted?"),
                ("message_id = 5", '0].message_id: must be text in quotes ("..."), not a whole number'),
                (
                    "status = 'UnknownMessageId'\ndata = 1",
                    "0].data: UnknownMessageId goes without data (P01.FR.05); leave it out",
                ),
                (
                    "[[group.data_transfer]]\nvendor_id = 'v'",
                    "1]: all other messages of 'v' is there already; keep one",
                ),
            )
        ),
        (
            "[[rules]]\naction = 'drop'\nfilter = '~a Heartbeet'",
            "rules[0].filter: OCPP has no action Heartbeet; did you mean Heartbeat? "
            "A vendor's own stands in quotes: ~a 'Heartbeet'",
        ),
        ("[[rules]]\naction = 'drop'\nchance = 0", "rules[0].chance: 0 is no percentage above 0, up to 100"),
        (
            "[[rules]]\naction = 'brake'",
            "rules[0].action: brake is none; there are hold, drop, delay, defer, duplicate, edit, corrupt, answer, cut",
        ),
        ("[[rules]]\nfilter = '~in'", "rules[0]: action is missing"),
        (
            "[[group]]\n[[group.rules]]\naction = 'delay'",
            "group[0].rules[0].delay_ms: nothing is no delay such as 200 or 200+-50",
        ),
        (
            "[[rules]]\naction = 'drop'\nname = 'a'\n[[group]]\n[[group.rules]]\naction = 'drop'\nname = 'a'",
            "group[0].rules: there is a rule a already; give it another name, or none",
        ),
        ("[[group]]\n[[group.data_transfer]]\ndata = 1", "group[0].data_transfer[0]: vendor_id is missing"),
        *(
            (
                f"[[group]]\n[group.variables]\n{given}",
                "group[0].variables.TxCtrlr.TxStartPoint: must be text, a number, true or false, or a list of texts, "
                f"not {kind}",
            )
            for given, kind in (
                ("TxCtrlr.TxStartPoint = [1]", "a list of other things"),
                ('"TxCtrlr.TxStartPoint" = 2026-05-04', "a date or time"),
                ("TxCtrlr.TxStartPoint.x = 1", "a table"),
            )
        ),
        (
            "[[group]]\nevses = [{ connectors = [{ type = 'sTyp2' }] }]",
            "group[0].evses[0].connectors[0].type: 'sTyp2' is not known; did you mean sType2?",
        ),
        ("[csms]\nocpp = '1.5'", "csms.ocpp: '1.5' is not known; did you mean 1.6?"),
        (
            "[csms]\nocpp = '1.6'\n[[group]]\nid_token = 'ABCDEFGHIJKLMNOPQRSTU'",
            "csms.ocpp: the id_token of stations has 21 characters, 1.6 allows 20",
        ),
        ("[[group]]\nflow = 'clasic'", "group[0].flow: 'clasic' is not known; did you mean classic?"),
        (
            "[[group]]\nid_token_type = 'ISO1443'",
            "group[0].id_token_type: 'ISO1443' is not known; did you mean ISO14443?",
        ),
        (
            "[[group]]\nevses = [{ connectors = [{ phases = 2 }] }]",
            "group[0].evses[0].connectors[0].phases: 2; use 1 or 3",
        ),
        (
            "[[group]]\nevses = [{ connectors = [{ type = 'cCCS2' }] }]",
            "group[0].evses[0].connectors[0].phases: 3; use 0 for direct current",
        ),
        (
            "[[group]]\nevses = [{ rated_w = inf }]",
            "group[0].evses[0].rated_w: inf is no power of an EVSE; it is in W, such as 22000",
        ),
        ("[[group]]\nevs = [{ weight = 0 }]", "group[0].evs[0].weight: 0.0; use a number above 0"),
        (
            "[[group]]\nid = '{n.__class__}'",
            "group[0].id: '{n.__class__}' is no pattern; only {n} may stand in it, as CP{n:03d}",
        ),
        (
            "[[group]]\nid = '{n:999999999d}'",
            "group[0].id: '{n:999999999d}' is no pattern; only {n} may stand in it, as CP{n:03d}",
        ),
        ("[[group]]\nid = 'CP{'", "group[0].id: 'CP{' is no pattern; only {n} may stand in it, as CP{n:03d}"),
        (
            "[[group]]\nid = 'CP'",
            "group[0].id: two stations would be CP; put {n} into it, such as CP{n:03d}",
        ),
        (
            "[[group]]\n[[group]]",
            "group[1].id: two stations would be CP001; give it its own id or first",
        ),
        (
            "[csms]\npassword_env = 'A'\npassword_file = 'B'",
            "csms: password_env and password_file are both given; keep one",
        ),
        (
            "[echonet]\nhost = 'home'",
            "echonet.host: 'home' is no IP address; use one such as 127.0.0.1, or 0.0.0.0 for all",
        ),
        (
            "[echonet]\ninterface = 'eth0'",
            'echonet.interface: one address has no choice of interfaces; it needs host = "0.0.0.0", not 127.0.0.1',
        ),
        ("[echonet]\nordre = ['CP001']", "echonet.ordre: there is no such key; did you mean order?"),
        ("[echonet]\nmulticast = 'no'", 'echonet.multicast: must be true or false, not text in quotes ("...")'),
        (
            "[echonet.extra]\nE2 = 'energy'",
            "echonet.extra: 'E2' is no code that the standard leaves free; use one such as B0",
        ),
        (
            "[echonet.extra]\n80 = 'energy'",
            "echonet.extra: '80' is no code that the standard leaves free; use one such as B0",
        ),
        ("[echonet.extra]\nB0 = 'avail'", "echonet.extra.B0: 'avail' is not known; did you mean availability?"),
        ("[csms]\ncert = 'a.pem'", "csms.key: the client certificate a.pem needs its key; name the file"),
    ],
    ids=lambda each: each.replace("\n", " ")[:40],
)
def test_a_wrong_key_or_value_is_named_with_the_fix(file: Path, text: str, said: str) -> None:
    assert refusal(file, text) == said


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ("TxCtrlr.EVConnectionTimeOut = 5", "TxCtrlr.EVConnectionTimeOut", "5"),
        ("TxCtrlr.StopTxOnInvalidId = false", "TxCtrlr.StopTxOnInvalidId", "false"),
        ("SmartChargingCtrlr.LimitChangeSignificance = 2.5", "SmartChargingCtrlr.LimitChangeSignificance", "2.5"),
        ('SecurityCtrlr.OrganizationName = "CPO"', "SecurityCtrlr.OrganizationName", "CPO"),
        ('AuthCacheCtrlr.Policy = "lru"', "AuthCacheCtrlr.Policy", "lru"),
        ('TxCtrlr.TxStopPoint = ["EVConnected", "Authorized"]', "TxCtrlr.TxStopPoint", "EVConnected,Authorized"),
        ('ClockCtrlr.TimeSource = "NTP,Heartbeat"', "ClockCtrlr.TimeSource", "NTP,Heartbeat"),
        (
            'OCPPCommCtrlr."MessageAttempts[TransactionEvent]" = 3',
            "OCPPCommCtrlr.MessageAttempts[TransactionEvent]",
            "3",
        ),
    ],
)
def test_a_variable_of_every_type_is_given_as_toml_has_it(file: Path, given: str, name: str, value: str) -> None:
    [group] = loaded(file, f"[[group]]\n[group.variables]\n{given}").groups
    assert group.variables == {name: value}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("speed = ]", ["not TOML", "line 1"]),
        ("[[group]]\nevs = [{ model = 'no such car' }]", ["group[0].evs[0].model", "no such car"]),
        ("[group.variables]\nTxCtrlr.TxStartPont = 'x'", ["group[0].variables", "TxCtrlr.TxStartPoint"]),
        ("[csms]\nurl = 'http://csms.example'", ["csms.url", "ws://csms.example"]),
        ("[[group]]\nid = 'a:b'\ncount = 1", ["group[0].id", "a:b", "colon"]),
        ("[[group]]\nserial_number = 'X{n:030d}'", ["group[0].serial_number", "25"]),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_others_refuse_is_named_with_file_and_key(file: Path, text: str, names: list[str]) -> None:
    said = refusal(file, text)
    assert all(name in said for name in names), said


def test_a_file_that_is_not_there_is_named_with_the_command_that_writes_it(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file; `evtui init .*fleet.toml` writes one"):
        load_fleet(file)


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="it is not UTF-8"):
        load_fleet(file)


def test_a_password_in_a_url_is_refused_and_not_repeated(file: Path) -> None:
    said = refusal(file, "[csms]\nurl = 'ws://user:geheim@csms.example'")
    assert "geheim" not in said
    assert "--password-env" in said


# -- stations -------------------------------------------------------------------------------------


@given(st.integers(-(2**63), 2**63 - 1), st.text(max_size=48), st.text(max_size=48))
def test_a_seed_belongs_to_one_station_alone(seed: int, one: str, other: str) -> None:
    assert station_seed(seed, one) == station_seed(seed, one)
    assert (station_seed(seed, one) == station_seed(seed, other)) == (one == other)


def test_adding_a_station_changes_no_other() -> None:
    three = FleetConfig(groups=(GroupConfig(count=3),))
    four = FleetConfig(groups=(GroupConfig(count=4),))
    assert station_specs(four)[:3] == station_specs(three)


# -- options --------------------------------------------------------------------------------------


def ids(options: Options, stations: int = 1) -> list[str]:
    return [spec.id for spec in station_specs(fleet_of(options, stations))]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(), ["CP001"]),
        (Options(stations=0), []),
        (Options(stations=2), ["CP001", "CP002"]),
        (Options(station_id="X"), ["X"]),
        (Options(station_id="CP009", stations=2), ["CP009", "CP010"]),
        (Options(station_id="EVSE-7-a{n:02d}", stations=2), ["EVSE-7-a01", "EVSE-7-a02"]),
        (Options(station_id="a{b}"), ["a{b}"]),
        (Options(csms_url="ws://localhost:9000/CP042"), ["CP042"]),
        (Options(csms_url="ws://localhost:9000/CP042", stations=2), ["CP001", "CP002"]),
        (Options(csms_url="ws://localhost:9000/CP042", station_id="CP001"), ["CP001"]),
        (Options(csms_url="ws://csms.example/CP042"), ["CP001"]),
    ],
    ids=str,
)
def test_options_say_which_stations_run(options: Options, expected: list[str]) -> None:
    assert ids(options) == expected


def test_the_console_runs_four_stations_unless_one_is_named() -> None:
    assert ids(Options(), stations=4) == ["CP001", "CP002", "CP003", "CP004"]
    assert ids(Options(station_id="X"), stations=4) == ["X"]


def test_options_win_over_the_file(file: Path) -> None:
    file.write_text(
        """
        speed = 2
        seed = 3
        [csms]
        url = "ws://a.example"
        password_file = "secret"
        headers = { A = "1", B = "2" }
        [[group]]
        count = 5
        id_token = "tag"
        [group.variables]
        TxCtrlr.EVConnectionTimeOut = 5
        SampledDataCtrlr.TxUpdatedInterval = 9
        """
    )
    options = Options(
        config=str(file),
        stations=1,
        csms_url="wss://b.example",
        id_token="other",
        id_token_type="Central",
        speed=4.0,
        seed=6,
        flow="classic",
        variables=("TxCtrlr.EVConnectionTimeOut=7",),
        password_env="PASSWORD",
        headers=("B: 3",),
        insecure=True,
        ca="ca.pem",
        cert="cert.pem",
        key="key.pem",
        proxy="http://proxy",
        interval=2,
    )
    fleet = fleet_of(options, 4)
    assert (fleet.speed, fleet.seed) == (4.0, 6)
    assert fleet.csms == CsmsConfig(
        url="wss://b.example",
        password_env="PASSWORD",
        ca="ca.pem",
        cert="cert.pem",
        key="key.pem",
        proxy="http://proxy",
        insecure=True,
        headers={"A": "1", "B": "3"},
    )
    [group] = fleet.groups
    assert (group.count, group.id_token, group.id_token_type, group.flow) == (1, "other", "Central", "classic")
    assert group.variables == {
        "TxCtrlr.EVConnectionTimeOut": "7",
        "SampledDataCtrlr.TxUpdatedInterval": "9",
        "AlignedDataCtrlr.Interval": "2",
    }


def test_a_file_alone_is_left_as_it_is(file: Path) -> None:
    write_template(file)
    assert fleet_of(Options(config=str(file)), 1) == FleetConfig()


def test_the_interval_is_that_of_the_flow() -> None:
    conformant = fleet_of(Options(interval=3), 1).groups[0]
    classic = fleet_of(Options(interval=3, flow="classic"), 1).groups[0]
    assert conformant.variables == {"SampledDataCtrlr.TxUpdatedInterval": "3"}
    assert classic.variables == {"AlignedDataCtrlr.Interval": "3"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options(station_id="a:b"), "--station-id: 'a:b' is no station id"),
        (Options(station_id="x" * 49), "--station-id: a station id has 1 to 48 characters"),
        (Options(station_id="\x1b[2J"), "--station-id: '\\x1b[2J' is no station id"),
        (Options(station_id="X", stations=2), "--station-id: 'X' has no number to count on; write X001"),
        (Options(station_id="{n!r}"), "--station-id: '{n!r}' is no"),
        (Options(id_token="x" * 37), "--id-token: has 37 characters, OCPP allows 36"),
        (Options(id_token_type="Centrl"), "--id-token-type: 'Centrl' is not known; did you mean Central?"),
        (Options(flow="clasic"), "--flow: 'clasic' is not known; did you mean classic?"),
        (Options(ocpp="2.0.2"), "--ocpp: '2.0.2' is not known; did you mean 2.0.1?"),
        (
            Options(ocpp="1.6", id_token="A" * 21),
            "--ocpp: the id_token of stations has 21 characters, 1.6 allows 20",
        ),
        (Options(variables=("x",)), "--set: 'x' is no assignment; write Component.Variable=value"),
        (Options(variables=("TxCtrlr.TxStartPont=x",)), "--set: there is no variable 'TxCtrlr.TxStartPont'"),
        (Options(csms_url="http://x"), "--csms-url: http://x: OCPP-J speaks WebSocket; try ws://x"),
        (Options(headers=("secret",)), "--header: not a header; write Name: value"),
        (Options(headers=("A: b\r\nC: d",)), "--header: not a header"),
        (Options(cert="a"), "--key: the client certificate a needs its key"),
        (Options(key="a"), "--cert: the key a needs its client certificate"),
        (Options(password_env="A", password_file="B"), "--password-env and --password-file are both given"),
    ],
    ids=str,
)
def test_a_wrong_option_is_named_with_the_fix(options: Options, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        fleet_of(options, 1)
    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)


def test_stations_of_several_groups_are_counted_in_the_file(file: Path) -> None:
    file.write_text("[[group]]\n[[group]]\nfirst = 9")
    with pytest.raises(ConfigError, match=r"--stations: .*fleet.toml has 2 groups; change it there"):
        fleet_of(Options(config=str(file), stations=3), 1)
