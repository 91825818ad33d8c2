"""Passwords of stations: a hash of each is kept, and nothing that was given can be read again."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from evtui.csms.passwords import Passwords, check_password, read_passwords
from evtui.csms.settings import Settings
from evtui.errors import ConfigError, LocalError

SECRET = "correct horse battery"
OTHER = "another horse battery"


def basic(user: str, password: str | bytes) -> str:
    shown = password if isinstance(password, bytes) else password.encode()
    return "Basic " + b64encode(user.encode() + b":" + shown).decode()


async def test_without_passwords_nobody_needs_one() -> None:
    assert not Passwords(Settings()).needed("CP001")


async def test_a_stations_own_password_is_needed_and_admits_it_again_and_again() -> None:
    passwords = Passwords(Settings())
    await passwords.set("CP001", SECRET)
    assert passwords.needed("CP001")
    assert not passwords.needed("CP002")
    for _ in range(3):
        assert await passwords.admits("CP001", basic("CP001", SECRET))
        assert not await passwords.admits("CP001", basic("CP001", OTHER))


async def test_what_is_stored_is_a_hash_and_never_the_same_twice() -> None:
    settings = Settings()
    passwords = Passwords(settings)
    await passwords.set("CP001", SECRET)
    await passwords.set("CP002", SECRET)
    stored = settings.get("CP001", "password")
    assert stored is not None
    assert stored.startswith("scrypt$14$8$1$")
    assert stored != settings.get("CP002", "password")
    assert SECRET not in stored + repr(passwords) + repr(vars(passwords))


async def test_a_stored_password_holds_after_a_restart() -> None:
    settings = Settings()
    await Passwords(settings).set("CP001", SECRET)
    again = Passwords(settings)
    assert await again.admits("CP001", basic("CP001", SECRET))
    assert not await again.admits("CP001", basic("CP001", OTHER))


async def test_a_new_password_ends_the_old_one_at_once() -> None:
    passwords = Passwords(Settings())
    await passwords.set("CP001", SECRET)
    assert await passwords.admits("CP001", basic("CP001", SECRET))
    await passwords.set("CP001", OTHER)
    assert not await passwords.admits("CP001", basic("CP001", SECRET))
    assert await passwords.admits("CP001", basic("CP001", OTHER))
    passwords.remove("CP001")
    assert not passwords.needed("CP001")


async def test_given_passwords_are_each_stations_own_or_for_all_others() -> None:
    passwords = Passwords(Settings(), {"CP001": SECRET, "*": OTHER})
    assert passwords.needed("whoever")
    assert await passwords.admits("CP001", basic("CP001", SECRET))
    assert not await passwords.admits("CP001", basic("CP001", OTHER))
    assert await passwords.admits("CP002", basic("CP002", OTHER))
    await passwords.set("CP001", OTHER)
    assert await passwords.admits("CP001", basic("CP001", OTHER))


async def test_who_has_none_where_others_do_is_not_admitted() -> None:
    passwords = Passwords(Settings(), {"CP001": SECRET})
    assert passwords.needed("CP002")
    assert not await passwords.admits("CP002", basic("CP002", SECRET))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Basic " + b64encode(b"CP001").decode(),
        "Basic " + b64encode(b"\xff:" + SECRET.encode()).decode(),
        "Bearer " + b64encode(b"CP001:" + SECRET.encode()).decode(),
        basic("CP002", SECRET),
        basic("cp001", SECRET),
        basic("CP001", ""),
        basic("CP001", SECRET + " "),
    ],
)
async def test_what_does_not_show_the_password_is_not_admitted(header: str | None) -> None:
    assert not await Passwords(Settings(), {"CP001": SECRET}).admits("CP001", header)


async def test_a_colon_in_a_password_is_part_of_it() -> None:
    secret = "a:b:" + SECRET
    assert await Passwords(Settings(), {"CP001": secret}).admits("CP001", basic("CP001", secret))


@pytest.mark.parametrize("key", ["00ff" * 10, "00FF" * 10])
async def test_a_key_of_1_6_is_shown_as_the_bytes_that_it_stands_for(key: str) -> None:
    passwords = Passwords(Settings())
    await passwords.set("CP001", key)
    assert await passwords.admits("CP001", basic("CP001", bytes.fromhex(key)))
    assert await passwords.admits("CP001", basic("CP001", key))
    assert not await passwords.admits("CP001", basic("CP001", bytes.fromhex("11ff" * 10)))


async def test_wrong_passwords_for_one_station_take_their_turns_with_those_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passwords = Passwords(Settings())
    for station_id in ("CP001", "CP002"):
        await passwords.set(station_id, SECRET)
    order: list[str] = []
    begun: list[bytes] = []  # what is looked at, in that order, whichever thread is done first
    to_thread = asyncio.to_thread

    async def noted(work: Callable[..., bool], password: bytes, stored: str) -> bool:
        begun.append(password)
        return await to_thread(work, password, stored)

    monkeypatch.setattr(asyncio, "to_thread", noted)

    async def one(name: str, station_id: str, password: str) -> bool:
        admitted = await passwords.admits(station_id, basic(station_id, password))
        order.append(name)
        return admitted

    async with asyncio.TaskGroup() as group:
        flood = [group.create_task(one("flood", "CP001", f"wrong {each}")) for each in range(100)]
        other = group.create_task(one("other", "CP002", SECRET))
    assert not any(task.result() for task in flood)
    assert other.result()
    assert order.index("other") >= 96  # those beyond four are refused at once
    assert SECRET.encode() in begun[:2]  # and it did not wait for the four
    assert len({password for password in begun if password.startswith(b"wrong")}) == 4


@pytest.mark.parametrize("password", ["x" * 15, "x" * 65, "x" * 15 + "\n", ""])
def test_what_ocpp_does_not_allow_is_refused_without_telling_it(password: str) -> None:
    with pytest.raises(LocalError, match=r"16 to 64 printable characters \(A00.FR.205\)") as refused:
        check_password(password)
    assert not password or password not in str(refused.value)


# -- those that are given at the start ------------------------------------------------------------


def test_a_file_has_lines_of_id_and_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "passwords"
    file.write_text(f"# ours\n\nCP001:{SECRET}\nCP 2:{OTHER}: \n")
    monkeypatch.setenv("FLEET_PASSWORD", SECRET)
    given = read_passwords(str(file), "FLEET_PASSWORD", "--passwords", "--password-env")
    assert given == {"CP001": SECRET, "CP 2": f"{OTHER}: ", "*": SECRET}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SECRET, r"--passwords: .*, line 1: write ID:PASSWORD, or \*:PASSWORD for all others"),
        (f":{SECRET}", "line 1: write ID:PASSWORD"),
        (f"{'x' * 49}:{SECRET}", "line 1: write ID:PASSWORD"),
        (f"A:{SECRET}\nA:{SECRET}", "line 2: A has a password already; keep one"),
        (f"A:{SECRET}\nB:secret", "line 2: a password has 16 to 64 printable characters"),
        (f"*:{SECRET}", r"--password-env and \* in .* are both for all stations; keep one"),
        ("# nothing\n", "has no line"),
    ],
)
def test_a_wrong_file_is_told_by_its_line_without_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    file = tmp_path / "passwords"
    file.write_text(text)
    monkeypatch.setenv("FLEET_PASSWORD", SECRET)
    with pytest.raises(ConfigError, match=message) as wrong:
        read_passwords(str(file), "FLEET_PASSWORD", "--passwords", "--password-env")
    assert SECRET not in str(wrong.value)
    assert "secret" not in str(wrong.value)


def test_what_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH", raising=False)
    with pytest.raises(ConfigError, match=r"--passwords: .*nowhere cannot be read: No such file"):
        read_passwords(str(tmp_path / "nowhere"), None, "--passwords", "--password-env")
    with pytest.raises(ConfigError, match="--password-env: the environment variable NO_SUCH is not set"):
        read_passwords(None, "NO_SUCH", "--passwords", "--password-env")
    monkeypatch.setenv("SHORT", "secret")
    with pytest.raises(ConfigError, match="--password-env: the environment variable SHORT: a password has 16"):
        read_passwords(None, "SHORT", "--passwords", "--password-env")
