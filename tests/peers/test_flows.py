"""The two flows, message by message, as a strict CSMS that is not ours receives them."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import Certificates
from tests.peers.ocpp_rpc import Call, StrictCsms, strict_csms
from tests.program import Household

pytestmark = pytest.mark.timeout(120)

REGISTER = "Energy.Active.Import.Register"
SESSIONS = 2
STATIONS = 3
SHORT = ("--duration", "3", "--speed", "600")
"""A tenth of the default session at ten times the default speed: as much energy, and CI need not wait."""


def _run(house: Household, csms: StrictCsms, *options: str) -> list[str]:
    """Runs the fleet to its end, which must be a good one; the stations that came."""
    done = house.run("run", "--csms-url", csms.url, "--stations", str(STATIONS), *SHORT, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return csms.stations()


def _sessions(calls: list[Call]) -> list[list[Call]]:
    """The transaction messages of each session: TransactionEvents and MeterValues from Started to Ended."""
    found: list[list[Call]] = []
    running = False
    for call in calls:
        event = call.params.get("eventType")
        if event == "Started":
            found.append([])
            running = True
        if running and call.method in ("TransactionEvent", "MeterValues"):
            found[-1].append(call)
        running = running and event != "Ended"
    return found


def _register_wh(call: Call, context: str) -> float:
    """The lifetime register of the one meter value with this context; it has no phase."""
    (sample,) = [
        sample
        for sample in _samples(call)
        if sample.get("measurand", REGISTER) == REGISTER and sample["context"] == context
    ]
    assert "phase" not in sample
    return float(sample["value"])


def _samples(call: Call) -> list[dict[str, Any]]:
    return [sample for meter_value in call.params.get("meterValue", ()) for sample in meter_value["sampledValue"]]


def _contexts(call: Call) -> set[str]:
    return {sample["context"] for sample in _samples(call)}


def _flow(calls: list[Call], repeated: str) -> list[str]:
    """The messages in words; runs of the repeated one stand once, with a star."""
    words: list[str] = []
    for call in calls:
        word = str(call)
        if word == repeated:
            word += " *"
            if words and words[-1] == word:
                continue
        words.append(word)
    return words


CONFORMANT_START = [
    "BootNotification PowerUp",
    "StatusNotification Available",
    "SecurityEventNotification StartupOfTheDevice",
]
CONFORMANT_SESSION = [
    "StatusNotification Occupied",
    "Authorize",
    "TransactionEvent Started Authorized",
    "TransactionEvent Updated ChargingStateChanged",
    "TransactionEvent Updated MeterValuePeriodic *",
    "TransactionEvent Ended StopAuthorized",
    "StatusNotification Available",
]
CONFORMANT_AGAIN = [each for each in CONFORMANT_SESSION if each != "Authorize"]
"""The cache knows the driver now (C12.FR.02)."""

CLASSIC_SESSION = [
    "StatusNotification Occupied",
    "Authorize",
    "TransactionEvent Started ChargingStateChanged",
    "MeterValues *",
    "TransactionEvent Ended StopAuthorized",
    "StatusNotification Available",
]


@pytest.fixture(params=["plain", "TLS"])
def tls(request: pytest.FixtureRequest, certificates: Certificates) -> Certificates | None:
    return certificates if request.param == "TLS" else None


def _trust(tls: Certificates | None) -> tuple[str, ...]:
    return () if tls is None else ("--ca", tls.ca)


def test_the_conformant_flow(house: Household, tls: Certificates | None) -> None:
    with strict_csms(tls) as csms:
        stations = _run(house, csms, "--sessions", str(SESSIONS), *_trust(tls))
    assert csms.violations() == []
    assert stations == ["CP001", "CP002", "CP003"]
    for station in stations:
        calls = csms.calls(station)
        flow = _flow(calls, "TransactionEvent Updated MeterValuePeriodic")
        assert flow == CONFORMANT_START + CONFORMANT_SESSION + CONFORMANT_AGAIN * (SESSIONS - 1)
        sessions = _sessions(calls)
        for session in sessions:
            _check_conformant(session)
        _check_registers(sessions)


def _check_conformant(session: list[Call]) -> None:
    started, charging, *samples, ended = session
    assert [call.params["seqNo"] for call in session] == list(range(len(session)))
    assert {call.params["transactionInfo"]["transactionId"] for call in session} == {
        started.params["transactionInfo"]["transactionId"]
    }
    assert not any("offline" in call.params and call.params["offline"] for call in session)
    # Each optional field is there once, where the standard has it (E01.FR.16, E02.FR.18).
    assert [("evse" in c.params, "idToken" in c.params, "numberOfPhasesUsed" in c.params) for c in session] == [
        (True, True, False),
        (False, False, True),
        *[(False, False, False)] * len(samples),
        (False, True, False),
    ]
    assert started.params["evse"] == {"id": 1, "connectorId": 1}
    assert started.params["idToken"] == ended.params["idToken"] == {"idToken": "DEADBEEF", "type": "ISO14443"}
    assert started.params["transactionInfo"]["chargingState"] == "EVConnected"
    assert charging.params["transactionInfo"]["chargingState"] == "Charging"
    assert charging.params["numberOfPhasesUsed"] == 3
    assert _contexts(started) == {"Transaction.Begin"}
    assert {frozenset(_contexts(sample)) for sample in samples} == {frozenset({"Sample.Periodic"})}
    assert 2 <= len(samples) <= 4
    for before, after in pairwise(samples):
        assert 0.5 <= _seconds_between(before, after) <= 2
    _check_end(ended)


def test_the_classic_flow(house: Household, tls: Certificates | None) -> None:
    with strict_csms(tls) as csms:
        stations = _run(house, csms, "--flow", "classic", *_trust(tls))
    assert csms.violations() == []
    assert stations == ["CP001", "CP002", "CP003"]
    for station in stations:
        calls = csms.calls(station)
        assert _flow(calls, "MeterValues") == ["BootNotification PowerUp", *CLASSIC_SESSION]
        (session,) = sessions = _sessions(calls)
        _check_classic(session)
        _check_registers(sessions)


def _check_classic(session: list[Call]) -> None:
    started, *values, ended = session
    assert (started.params["seqNo"], ended.params["seqNo"]) == (0, 1)
    assert started.params["transactionInfo"]["chargingState"] == "Charging"
    assert started.params["evse"] == {"id": 1, "connectorId": 1}
    assert started.params["idToken"] == {"idToken": "DEADBEEF", "type": "ISO14443"}
    assert _contexts(started) == {"Transaction.Begin"}
    meter_values = [meter_value for call in values for meter_value in call.params["meterValue"]]
    assert 2 <= len(meter_values) <= 4  # each second one; those of a slow round trip go together
    for call in values:
        assert call.params["evseId"] == 1
        assert _contexts(call) == {"Sample.Clock"}
    for meter_value in meter_values:
        assert datetime.fromisoformat(meter_value["timestamp"]).microsecond == 0
        assert {sample["measurand"] for sample in meter_value["sampledValue"]} == {
            REGISTER,
            "Power.Active.Import",
            "Current.Import",
            "Voltage",
            "Frequency",
        }
    _check_end(ended)


def _check_end(ended: Call) -> None:
    assert ended.params["transactionInfo"]["chargingState"] == "EVConnected"
    assert ended.params["transactionInfo"].get("stoppedReason", "Local") == "Local"
    assert {"Transaction.Begin", "Transaction.End"} <= _contexts(ended)


def _check_registers(sessions: list[list[Call]]) -> None:
    """Lifetime registers: never re-based, 8-9 kWh a session, and the next begins where the last ended (J02.FR.16)."""
    for session in sessions:
        begin = _register_wh(session[0], "Transaction.Begin")
        assert _register_wh(session[-1], "Transaction.Begin") == begin
        taken_wh = _register_wh(session[-1], "Transaction.End") - begin
        assert 8_000 <= taken_wh <= 9_000
        assert 1_000_000 <= begin <= 50_000_000
    for before, after in pairwise(sessions):
        assert _register_wh(before[-1], "Transaction.End") == _register_wh(after[0], "Transaction.Begin")


def _seconds_between(before: Call, after: Call) -> float:
    moments = [datetime.fromisoformat(call.params["timestamp"]) for call in (before, after)]
    return (moments[1] - moments[0]).total_seconds()


def test_the_handshake_offers_ocpp_201_and_says_who_dials(house: Household) -> None:
    with strict_csms() as csms:
        _run(house, csms)
    for handshake in csms.told("connected"):
        assert handshake["protocol"] == "ocpp2.0.1"
        assert handshake["path"] == f"/{handshake['station']}"
        assert handshake["userAgent"].startswith("evtui/")
        assert not handshake["authorization"]


def test_basic_auth_from_the_environment(house: Household) -> None:
    with strict_csms(password="correct horse battery") as csms:
        done = house.run(
            *("run", "--csms-url", csms.url, "--password-env", "CSMS_PASSWORD", *SHORT),
            environment={"CSMS_PASSWORD": "correct horse battery"},
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert csms.violations() == []
    assert csms.told("refused") == []
    assert [handshake["authorization"] for handshake in csms.told("connected")] == [True]
    assert "correct horse battery" not in done.stdout + done.stderr


def test_basic_auth_from_a_file(house: Household, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("correct horse battery\n")
    with strict_csms(password="correct horse battery") as csms:
        done = house.run("run", "--csms-url", csms.url, "--password-file", str(secret), *SHORT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert csms.told("refused") == []


def test_a_refused_password_ends_the_run_with_3_and_says_which_step_failed(house: Household) -> None:
    with strict_csms(password="correct horse battery") as csms:
        done = house.run("run", "--csms-url", csms.url, "--connect-timeout", "2", *SHORT)
    assert done.returncode == 3, done.stdout + done.stderr
    assert csms.stations() == []
    assert csms.told("refused")
    assert "401" in done.stderr + done.stdout


def test_an_unknown_authority_ends_the_run_with_3_and_names_tls(house: Household, certificates: Certificates) -> None:
    with strict_csms(certificates) as csms:
        done = house.run("run", "--csms-url", csms.url, "--connect-timeout", "2", *SHORT)
    assert done.returncode == 3, done.stdout + done.stderr
    assert csms.stations() == []
    assert "tls" in (done.stderr + done.stdout).lower()
    assert "--ca" in done.stderr + done.stdout


def test_figures_on_the_wire_agree_with_each_other(house: Household) -> None:
    """Current is power over voltage, phases and power factor, in every sample."""
    with strict_csms() as csms:
        _run(house, csms, "--flow", "classic")
    checked = 0
    for station in csms.stations():
        for call in csms.calls(station):
            if call.method == "MeterValues":
                for meter_value in call.params["meterValue"]:
                    _check_figures(meter_value)
                    checked += 1
    assert checked >= 2 * STATIONS


def _check_figures(meter_value: dict[str, Any]) -> None:
    figures = {(each["measurand"], each.get("phase", "")[:2]): each["value"] for each in meter_value["sampledValue"]}
    power_w = figures["Power.Active.Import", ""]
    phases = [(figures["Voltage", phase], figures["Current.Import", phase]) for phase in ("L1", "L2", "L3")]
    power_factor = power_w / sum(voltage_v * current_a for voltage_v, current_a in phases)
    assert (0.95 if power_w > 10_000 else 0.8) <= power_factor <= 1.0
    assert all(207 <= voltage_v <= 253 for voltage_v, _ in phases)
    assert 49.5 <= figures["Frequency", ""] <= 50.5


def test_the_same_seed_gives_the_same_physics(house: Household) -> None:
    """Everything that the cars take is fixed by the seed; ids are not."""
    begins = []
    for _ in range(2):
        with strict_csms() as csms:
            _run(house, csms, "--seed", "7")
        begins.append([_register_wh(_sessions(csms.calls(s))[0][0], "Transaction.Begin") for s in csms.stations()])
    assert begins[0] == begins[1]
    assert len(set(begins[0])) == STATIONS
