"""Who is let in, over real sockets: TLS, certificates, passwords, stations that nobody has heard of."""

import asyncio
import json
import ssl
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import trustme
from websockets.exceptions import InvalidStatus, WebSocketException

from evtui.csms.books import Books
from evtui.csms.doors import DoorNames, Doors
from evtui.csms.policy import Policy
from evtui.csms.server import Csms, Names
from evtui.errors import ConfigError, LocalError
from tests.csms.stations import BOOT, station
from tests.need import need
from tests.program import Household

SECRET = "correct horse battery"
FLAGS = DoorNames("--tls-cert", "--tls-key", "--client-ca", "--passwords", "--password-env")


def basic(user: str, password: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


async def refusal(csms: Csms, station_id: str = "CP001", **options: Any) -> tuple[int, str]:
    """Status and text of a handshake that is refused."""
    with pytest.raises(InvalidStatus) as refused:
        async with station(csms, station_id, **options):
            pass
    return refused.value.response.status_code, refused.value.response.body.decode()


@pytest.fixture
def passwords(tmp_path: Path) -> str:
    """A file of passwords."""
    file = tmp_path / "passwords"
    file.write_text(f"CP001:{SECRET}\n")
    return str(file)


# -- passwords ------------------------------------------------------------------------------------


async def test_a_station_shows_its_password(passwords: str) -> None:
    told: list[str] = []
    async with Csms(port=0, web_port=None, doors=Doors(passwords=passwords), tell=told.append) as csms:
        async with station(csms, additional_headers=basic("CP001")) as link:
            await link.boot()
        assert (await refusal(csms))[0] == 401
        assert told == ["CP001 is refused (401): it shows no password (basic auth)"]
        for headers in (basic("CP001", "wrong"), basic("CP002")):
            status, text = await refusal(csms, additional_headers=headers)
            assert (status, text) == (401, "Refused: its password is not right, or the user is not its id.\n")
        assert (await refusal(csms, "CP002", additional_headers=basic("CP002")))[0] == 401
        assert len(csms.books.registry) == 1


async def test_the_user_is_the_id_as_it_is_meant_not_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    file.write_text(f"RDAM|123:{SECRET}\n")
    async with (
        Csms(port=0, web_port=None, doors=Doors(passwords=str(file))) as csms,
        station(csms, "ocpp/RDAM%7C123", additional_headers=basic("RDAM|123")) as link,
    ):
        await link.boot()


async def test_a_password_that_is_set_holds_from_the_next_connection_on(csms: Csms) -> None:
    assert csms.keeper is not None
    async with station(csms) as link:
        await csms.keeper.passwords.set("CP001", SECRET)
        await link.boot()
    assert (await refusal(csms))[0] == 401
    async with station(csms, additional_headers=basic("CP001")) as link, station(csms, "CP002"):
        await link.call("Heartbeat", {})


async def test_wrong_passwords_do_not_hold_up_the_others(csms: Csms) -> None:
    """A hash takes 50 ms: it is computed beside."""
    assert csms.keeper is not None
    await csms.keeper.passwords.set("CP001", SECRET)
    async with station(csms, "CP002") as link, asyncio.TaskGroup() as group:
        await link.boot()
        wrong = [
            group.create_task(refusal(csms, additional_headers=basic("CP001", f"wrong {each}"))) for each in range(8)
        ]
        answered = 0
        while not all(task.done() for task in wrong):
            await link.call("Heartbeat", {})
            answered += 1
        assert answered >= 8


# -- certificates ---------------------------------------------------------------------------------


class Issued:
    """An authority, the CSMS's own certificate, and stations' certificates by their common names."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._authority = trustme.CA()
        self.ca = str(directory / "ca.pem")
        self._authority.cert_pem.write_to_path(self.ca)
        self.cert, self.key = self.write("server", self._authority.issue_cert("127.0.0.1"))

    def write(self, name: str, made: trustme.LeafCert) -> tuple[str, str]:
        cert, key = str(self._directory / f"{name}.pem"), str(self._directory / f"{name}.key")
        made.cert_chain_pems[0].write_to_path(cert)
        made.private_key_pem.write_to_path(key)
        return cert, key

    def doors(self, **more: Any) -> Doors:
        return Doors(**{"tls_cert": self.cert, "tls_key": self.key, **more})

    def context(self, common_name: str | None = None, authority: trustme.CA | None = None) -> ssl.SSLContext:
        """What a station with such a certificate shows; None: none."""
        context = ssl.create_default_context(cafile=self.ca)
        if common_name is not None:
            leaf = (authority or self._authority).issue_cert("station.example", common_name=common_name)
            context.load_cert_chain(*self.write("client", leaf))
        return context


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    return Issued(tmp_path)


@asynccontextmanager
async def profile_3(issued: Issued, **more: Any) -> AsyncIterator[Csms]:
    async with Csms(port=0, web_port=None, doors=issued.doors(client_ca=issued.ca, **more)) as csms:
        yield csms


async def test_a_certificate_for_the_id_lets_in(issued: Issued) -> None:
    async with profile_3(issued) as csms, station(csms, ssl=issued.context("CP001")) as link:
        assert csms.url.startswith("wss://")
        await link.boot()


@pytest.mark.parametrize(
    "frame",
    [
        ("ocpp2.0.1", {"reason": "PowerUp", "chargingStation": {**BOOT["chargingStation"], "serialNumber": "SN-1"}}),
        ("ocpp1.6", {"chargePointVendor": "V", "chargePointModel": "M", "chargePointSerialNumber": "SN-1"}),
    ],
)
async def test_a_certificate_for_the_serial_number_lets_in(issued: Issued, frame: tuple[str, dict[str, Any]]) -> None:
    """A00.FR.414."""
    version, boot = frame
    async with profile_3(issued) as csms:
        async with station(csms, subprotocols=(version,), ssl=issued.context("SN-1")) as link:
            assert (await link.call("BootNotification", boot))["status"] == "Accepted"
        async with station(csms, subprotocols=(version,), ssl=issued.context("SN-1")) as link:
            await link.call("Heartbeat", {})
        # Now its serial number is known, and another's certificate is no use.
        assert (await refusal(csms, ssl=issued.context("SN-2")))[0] == 403


async def test_another_serial_number_closes_the_connection(issued: Issued) -> None:
    """A00.FR.414."""
    async with profile_3(issued) as csms, station(csms, ssl=issued.context("SN-2")) as link:
        kind, _, code, reason, _ = await link.ask("BootNotification", BOOT)
        assert (kind, code) == (4, "SecurityError")
        assert "A00.FR.414" in reason
        assert (await link.closed())[0] == 1008
        assert csms.books.registry.station("CP001").boot is None


async def test_who_does_not_boot_is_not_taken_for_accepted_with_an_unproven_certificate(issued: Issued) -> None:
    async with profile_3(issued) as csms, station(csms, ssl=issued.context("SN-2")) as link:
        assert (await link.ask("Heartbeat", {}))[2] == "SecurityError"
        trigger = await link.hear()
        await link.say([3, trigger[1], {"status": "Rejected"}])
        assert (await link.ask("Heartbeat", {}))[2] == "SecurityError"


async def test_no_certificate_or_one_of_another_authority_is_no_connection(issued: Issued) -> None:
    async with profile_3(issued) as csms:
        for context in (issued.context(), issued.context("CP001", trustme.CA())):
            with pytest.raises((OSError, WebSocketException)):
                async with station(csms, ssl=context) as link:
                    await link.boot()
        assert csms.connected == ()


async def test_with_both_a_certificate_or_a_password_is_enough(issued: Issued, passwords: str) -> None:
    async with profile_3(issued, passwords=passwords) as csms:
        async with station(csms, "CP002", ssl=issued.context("CP002")) as link:
            await link.boot()
        async with station(csms, ssl=issued.context(), additional_headers=basic("CP001")) as link:
            await link.boot()
        assert (await refusal(csms, ssl=issued.context()))[0] == 401


async def test_old_tls_is_not_spoken(issued: Issued) -> None:
    """A00.FR.314."""
    context = issued.context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    async with Csms(port=0, web_port=None, doors=issued.doors()) as csms, station(csms, ssl=context):
        assert csms.keeper is not None
        assert csms.keeper.tls is not None
        assert csms.keeper.tls.minimum_version is ssl.TLSVersion.TLSv1_2


def _wrong(issued: Issued, tmp_path: Path) -> dict[str, tuple[Doors, str]]:
    other = tmp_path / "other.key"
    trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(str(other))
    text = tmp_path / "text"
    text.write_text("no PEM")
    return {
        "no key": (Doors(tls_cert=issued.cert), "--tls-cert needs --tls-key"),
        "no certificate": (Doors(tls_key=issued.key), "--tls-key needs --tls-cert"),
        "an authority without TLS": (Doors(client_ca=issued.ca), "--client-ca needs --tls-cert"),
        "no such file": (issued.doors(tls_key=f"{tmp_path}/nowhere"), "--tls-key: cannot read .*nowhere: No such file"),
        "another's key": (issued.doors(tls_key=str(other)), "--tls-key: .* is not the key of the certificate in"),
        "text": (issued.doors(tls_cert=str(text)), "--tls-cert, --tls-key: .* are not usable; give the certificate"),
        "no authority": (issued.doors(client_ca=str(text)), "--client-ca: no certificate in .*; give a PEM file"),
    }


@pytest.mark.parametrize(
    "what",
    ["no key", "no certificate", "an authority without TLS", "no such file", "another's key", "text", "no authority"],
)
async def test_a_wrong_file_is_told_by_its_setting(issued: Issued, tmp_path: Path, what: str) -> None:
    doors, message = _wrong(issued, tmp_path)[what]
    with pytest.raises(ConfigError, match=message) as wrong:
        await Csms(port=0, web_port=None, doors=doors, names=Names(doors=FLAGS)).start()
    assert "PRIVATE" not in str(wrong.value)


# -- off loopback ---------------------------------------------------------------------------------


async def test_off_loopback_stations_must_show_something(passwords: str, issued: Issued) -> None:
    with pytest.raises(LocalError, match=r"want passwords \(--passwords\) or certificates \(--client-ca\)"):
        await Csms("0.0.0.0", 0, None, names=Names(doors=FLAGS)).start()
    async with Csms("0.0.0.0", 0, None, doors=Doors(passwords=passwords), names=Names(doors=FLAGS)) as csms:
        assert csms.notes == ("passwords go over the network in the clear; give --tls-cert",)
    async with Csms("0.0.0.0", 0, None, doors=issued.doors(client_ca=issued.ca)) as csms:
        assert csms.notes == ()


# -- stations that nobody has heard of ------------------------------------------------------------


async def test_an_unknown_station_is_refused_if_so_wanted(passwords: str) -> None:
    books = Books()
    async with Csms(port=0, web_port=None, books=books) as csms, station(csms, "KNOWN") as link:
        await link.boot()
    async with Csms(port=0, web_port=None, books=books, doors=Doors(unknown="refuse")) as csms:
        status, text = await refusal(csms, "STRANGER")
        assert (status, text) == (404, "Refused: this CSMS does not know that station.\n")
        assert csms.keeper is not None
        await csms.keeper.passwords.set("NAMED", SECRET)
        async with station(csms, "KNOWN"), station(csms, "NAMED", additional_headers=basic("NAMED")):
            assert csms.connected == ("KNOWN", "NAMED")


async def test_an_unknown_station_is_kept_waiting_if_so_wanted() -> None:
    async with Csms(port=0, web_port=None, doors=Doors(unknown="pending")) as csms, station(csms) as link:
        assert (await link.boot())["status"] == "Pending"
        assert (await link.boot())["status"] == "Pending"
        csms.books.registry.set_policy(Policy(), "CP001")
        assert (await link.boot())["status"] == "Accepted"


# -- a client of others ---------------------------------------------------------------------------


async def _test_ocpp(*arguments: str) -> tuple[int, str]:
    """What PyPI's test-ocpp says: it connects, boots and sends a Heartbeat."""
    need(find_spec("test_ocpp"), "test-ocpp is not installed")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "test_ocpp", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        stdin=asyncio.subprocess.DEVNULL,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_the_connection_tester_succeeds(csms: Csms, passwords: str, issued: Issued, version: str) -> None:
    code, said = await _test_ocpp(csms.url, "CP001", "--ocpp", version)
    assert (code, said.splitlines()[-1]) == (0, "SUCCESS"), said
    doors = issued.doors(passwords=passwords, client_ca=issued.ca)
    async with Csms(port=0, web_port=None, doors=doors) as locked:
        code, said = await _test_ocpp(locked.url, "CP001", "--ocpp", version, "--ca", issued.ca, "--password", SECRET)
        assert code == 0, said
        assert "TLS: TLSv1.3" in said
        issued.context("CP002")
        cert, key = (path.replace("server", "client") for path in (issued.cert, issued.key))
        code, said = await _test_ocpp(
            locked.url, "CP002", "--ocpp", version, "--ca", issued.ca, "--cert", cert, "--key", key
        )
        assert code == 0, said
        code, said = await _test_ocpp(locked.url, "CP001", "--ca", issued.ca, "--password", "wrong")
        assert code == 1
        assert "HTTP 401" in said


async def test_three_stations_with_one_id(csms: Csms) -> None:
    """The newest counts; those before are told, and none of them hears what is meant for it."""
    async with station(csms) as first, station(csms) as second, station(csms) as third:
        for link in (first, second):
            code, reason = await link.closed()
            assert (code, reason) == (1008, "another connection of this station took its place")
        await third.boot()
        asked = asyncio.ensure_future(csms.call("CP001", "ClearCache", {}))
        message_id = (await third.hear())[1]
        await third.say(json.dumps([3, message_id, {"status": "Accepted"}]))
        assert await asked == {"status": "Accepted"}
        assert csms.connected == ("CP001",)


def test_a_fleet_comes_in_by_the_doors_of_its_own_csms(house: Household, issued: Issued, passwords: str) -> None:
    """[csms] of fleet.toml: the same doors for the embedded CSMS."""
    house.home.joinpath("fleet.toml").write_text(
        f"""[csms]
port = 0
web_port = 0
tls_cert = "{issued.cert}"
tls_key = "{issued.key}"
passwords = "{passwords}"
ca = "{issued.ca}"
password_env = "CP_PASSWORD"
[[group]]
count = 1
"""
    )
    arguments = ("run", "--config", "fleet.toml", "--duration", "1")
    done = house.run(*arguments, environment={"CP_PASSWORD": SECRET})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "wss://127.0.0.1:" in done.stdout
    wrong = house.run(*arguments, "--connect-timeout", "1", environment={"CP_PASSWORD": f"not {SECRET}"})
    assert wrong.returncode == 3
    assert "401" in wrong.stdout + wrong.stderr
    assert SECRET not in done.stdout + done.stderr + wrong.stdout + wrong.stderr
