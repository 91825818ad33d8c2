"""Commands of what a station knows of identifiers."""

from pathlib import Path

import pytest

from evtui.engine.commands.tokens import STATUSES
from evtui.engine.door import KnownTokens
from evtui.sim.terms import AuthorizationStatus
from tests.engine.scripted import bench

CACHE = {"AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.LocalPreAuthorize": "true"}

LIST = (
    '[2,"list","SendLocalList",{"versionNumber":7,"updateType":"Full","localAuthorizationList":'
    '[{"idToken":{"idToken":"DEADBEEF","type":"ISO14443"},"idTokenInfo":{"status":"Blocked"}}]}]'
)


async def test_what_is_added_to_the_cache_starts_without_the_csms(tmp_path: Path) -> None:
    async with bench(tmp_path, variables=CACHE) as it:
        outcome = await it.order("add-to-cache", "CP001", id_token="0815", group_id_token="family")
        assert (outcome.done, outcome.text) == (True, 'CP001: "0815": Accepted, of the group family')
        assert (await it.order("start", "CP001", id_token="0815")).done
        assert "Authorize" not in it.csms.actions()
        detail = await it.door.station("CP001")
        assert detail is not None
        assert detail.tokens == KnownTokens(cached=1)


async def test_what_the_cache_does_not_take_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, variables={"AuthCacheCtrlr.Enabled": "false"}) as it:
        refused = await it.order("add-to-cache", "CP001", id_token="0815", status="Blocked")
        assert (refused.done, refused.text) == (False, "CP001: the cache is off: AuthCacheCtrlr.Enabled is false")
        unknown = await it.order("add-to-cache", "CP001", id_token="0815", status="Nice")
        assert not unknown.done
        assert "Accepted" in unknown.text
        nameless = await it.order("add-to-cache", "CP001", id_token_type="Card")
        assert nameless.text.startswith("CP001: Card is no type of identifier")


def test_its_words_are_those_of_the_standard() -> None:
    assert [status for status, _ in STATUSES] == list(AuthorizationStatus)


async def test_an_identifier_may_be_added_as_one_that_is_not_accepted(tmp_path: Path) -> None:
    async with bench(tmp_path, variables={"AuthCacheCtrlr.DisablePostAuthorize": "true"}) as it:
        await it.order("add-to-cache", "CP001", id_token="CAFE", status="Blocked")
        assert (await it.order("start", "CP001", id_token="CAFE")).text == 'CP001: "CAFE": the cache says Blocked'


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"id_token_type": "Central"}, "CP001: the cache keeps no identifiers of type Central"),
        ({"id_token": "x" * 37}, "CP001: an identifier has at most 36 characters"),
        ({"id_token_type": "Card"}, "CP001: Card is no type of identifier: Central, eMAID"),
        ({"status": "Fine"}, "status: "),
    ],
)
async def test_an_identifier_that_no_cache_takes_is_refused_with_the_reason(
    tmp_path: Path, arguments: dict[str, str], text: str
) -> None:
    async with bench(tmp_path) as it:
        outcome = await it.order("add-to-cache", "CP001", within_s=0.0, **arguments)
        assert not outcome.done
        assert text in outcome.text


async def test_what_is_known_of_an_identifier_can_be_looked_up(tmp_path: Path) -> None:
    async with bench(tmp_path) as it:
        neither = 'CP001: "DEADBEEF": neither local list nor cache know it'
        assert (await it.order("look-up-token", "CP001")).text == neither
        await it.order("add-to-cache", "CP001")
        it.csms.links["CP001"].push(LIST)
        await it.advance(0)
        outcome = await it.order("look-up-token", "CP001")
        assert outcome.done
        assert outcome.text.startswith('CP001: "DEADBEEF": In the local list: Blocked; In the cache since 20')
        detail = await it.door.station("CP001")
        assert detail is not None
        assert detail.tokens == KnownTokens(1, 1, 7)


async def test_a_key_code_that_is_looked_up_is_not_told(tmp_path: Path) -> None:
    """C04.FR.04."""
    async with bench(tmp_path) as it:
        outcome = await it.order("look-up-token", "CP001", id_token="4711", id_token_type="KeyCode")
        assert outcome.text == "CP001: a key code: neither local list nor cache know it"
