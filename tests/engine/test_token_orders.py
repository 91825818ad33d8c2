"""Commands of what a station knows of identifiers."""

from pathlib import Path

from evtui.engine.commands.tokens import STATUSES
from evtui.sim.terms import AuthorizationStatus
from tests.engine.scripted import bench

CACHE = {"AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.LocalPreAuthorize": "true"}


async def test_what_is_added_to_the_cache_starts_without_the_csms(tmp_path: Path) -> None:
    async with bench(tmp_path, variables=CACHE) as it:
        outcome = await it.order("add-to-cache", "CP001", id_token="0815", group_id_token="family")
        assert (outcome.done, outcome.text) == (True, 'CP001: "0815": Accepted, of the group family')
        assert (await it.order("start", "CP001", id_token="0815")).done
        assert "Authorize" not in it.csms.actions()


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
