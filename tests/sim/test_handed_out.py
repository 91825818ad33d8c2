"""Actions belong to whoever carries them out."""

from evtui.sim.actions import Notice, NoticeKind
from evtui.sim.events import Tick
from tests.sim.playbook import Playbook


def test_what_is_said_between_two_events_comes_with_the_next_one() -> None:
    play = Playbook()
    station = play.station
    station.handle(Tick(), play.now)
    actions = station.handle(Tick(), play.now)
    station.say(NoticeKind.WARNING, "in between")
    assert actions == []
    assert Notice(NoticeKind.WARNING, "in between") in station.handle(Tick(), play.now)
    assert station.handle(Tick(), play.now) == []
