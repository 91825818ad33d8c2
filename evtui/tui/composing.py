"""Writing messages: which there are here, who sends them, and what was sent before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from evtui.engine.commands import COMMANDS
from evtui.engine.door import Command, StationDetail, Target
from evtui.errors import EvtuiError, LocalError
from evtui.ocppj.forms import Field, Row, actions, is_sent_by
from evtui.ocppj.frame import Direction, Frame, FrameType
from evtui.ocppj.schema_files import Version
from evtui.tui.ends import Answer, End, Message
from evtui.tui.live import of_station
from evtui.tui.screens.choose import Choose
from evtui.tui.screens.field import FieldPrompt

if TYPE_CHECKING:
    from evtui.tui.app import EvtuiApp

_KEPT = 50  # messages of a kind


class Composer:
    """Of one window. Nothing of what was sent outlasts it."""

    def __init__(self, window: EvtuiApp) -> None:
        self._window = window
        self._sent: dict[tuple[str, str, bool], list[str]] = {}

    # -- what was sent before ---------------------------------------------------------------------

    def sent(self, end: End, action: str) -> list[str]:
        """The payloads of an action that an end has sent, newest last."""
        return self._sent.setdefault((end.version, action, end.of_station), [])

    def keep(self, end: End, action: str, text: str) -> None:
        """Remembers one."""
        sent = self.sent(end, action)
        if text in sent:
            sent.remove(text)
        sent.append(text)
        del sent[:-_KEPT]

    # -- what can be sent here --------------------------------------------------------------------

    def offered(self) -> Iterator[tuple[str, str]]:
        """Every action that can be sent from here, and what is to be known of it."""
        targets = self._targets()
        if not targets:
            return
        version = self._version(targets[0].station_id)
        for action in actions(version, of_station=True):
            whose = "" if is_sent_by(version, action, of_station=True) else "; by the standard the CSMS sends it"
            yield action, f"Write it as a form and send it from {_named(targets)} (OCPP {version}){whose}"

    def _targets(self) -> tuple[Target, ...]:
        """The stations that something here would act on."""
        ids = dict.fromkeys(target.station_id for target in self._window.shown_screen().targets())
        return tuple(Target(each) for each in ids)

    def _version(self, station_id: str) -> Version:
        rows = self._window.scene.rows.values()
        return _version(next((row.version for row in rows if row.id == station_id), ""))

    # -- opening ----------------------------------------------------------------------------------

    def write(self, action: str) -> None:
        """Opens the form of a message of the stations that are meant here."""
        targets = self._window.shown_screen().targets()
        if targets:
            self.write_from(self._targets(), targets[0].evse_id, action)
        else:
            self._window.tell("there is no station to send from", bad=True)

    def write_from(self, targets: tuple[Target, ...], evse_id: int, action: str, text: str | None = None) -> None:
        """Opens the form of a message of some stations, with the payload of one that there was before."""
        self._window.run_worker(
            self._open(targets, evse_id, action, text), group="open", exclusive=True, exit_on_error=False
        )

    # -- again ------------------------------------------------------------------------------------

    def resend(self, frame: Frame | None) -> None:
        """Asks how a frame is to be sent again, or says why it cannot be."""
        window = self._window
        if frame is None:
            window.tell("there is no frame here to send again")
        elif window.read_only:
            window.tell("this window is read-only", bad=True)
        elif frame.direction is not Direction.SENT:
            window.tell("the CSMS sent this one: what a station sent can be sent again", bad=True)
        elif frame.type is FrameType.ECHONET:
            window.tell("only frames of OCPP can be sent again", bad=True)
        else:
            choices = _ways(frame)
            title = "A secret in it was masked" if frame.masked else "Send it again"

            def chosen(way: str | None) -> None:
                if way is not None:
                    self._again(frame, way)

            window.push_screen(Choose(window.glyphs, title, choices), chosen)

    def _again(self, frame: Frame, way: str) -> None:
        window, target = self._window, Target(frame.station)
        parts = parts_of(frame)
        if way == _EDIT and parts is not None:
            self.write_from((target,), 0, *parts)
        elif way == _EDIT:
            self._edit_text(frame)
        elif way == _NEW and parts is not None:
            action, payload = parts
            window.order("send", (target,), {"action": action, "payload": payload, "invalid": "send"})
        else:
            window.order("send-raw", (target,), {"text": frame.text})

    def _edit_text(self, frame: Frame) -> None:
        if not frame.text.isprintable():
            self._window.tell("it has characters in it that cannot be edited here", bad=True)
            return
        row = Row(("frame",), Field("frame", "string", help="as it goes over the wire"), 0, True, frame.text)

        def written(text: str | None) -> None:
            if text is not None:
                self._window.order("send-raw", (Target(frame.station),), {"text": text})

        self._window.push_screen(FieldPrompt(self._window.glyphs, row, lambda text: ""), written)

    async def _open(self, targets: tuple[Target, ...], evse_id: int, action: str, text: str | None) -> None:
        window = self._window
        try:
            end = await _Station(window, targets, evse_id).end()
            # not needed otherwise, and the judge takes a while to load
            from evtui.tui.screens.message import MessageScreen

            window.push_screen(MessageScreen(end, action, text))
        except (EvtuiError, OSError, EOFError) as error:
            window.tell(str(error) or type(error).__name__, bad=True)


_NEW, _EDIT, _EXACT = "new", "edit", "exact"


def parts_of(frame: Frame) -> tuple[str, str] | None:
    """Action and payload of a CALL, the payload letter by letter; None for what is no CALL."""
    if frame.type is not FrameType.CALL:
        return None
    try:
        _, _, action, payload = msgspec.json.decode(frame.text, type=tuple[int, str, str, msgspec.Raw])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return action, bytes(payload).decode()


def _ways(frame: Frame) -> list[tuple[str, str]]:
    is_call = parts_of(frame) is not None
    new = [(_NEW, "with a new message id, when it is its turn")] if is_call else []
    edit = (_EDIT, "edited first, as a form" if is_call else "edited first, as text")
    exact = (_EXACT, "exactly as it was, its message id too, at once")
    return [edit] if frame.masked else [*new, edit, exact]


class _Station:
    """One that sends, or several at once; then the first says what is true now."""

    def __init__(self, window: EvtuiApp, targets: tuple[Target, ...], evse_id: int) -> None:
        self._window = window
        self._targets = targets
        self._evse_id = evse_id
        self._detail: StationDetail | None = None

    async def end(self) -> End:
        """As what writes messages sees it. LocalError: it is gone."""
        await self._refresh()
        if self._detail is None:
            raise LocalError(f"there is no station {self._targets[0].station_id} any more")
        return End(
            _named(self._targets),
            _version(self._detail.row.version),
            True,
            self._targets,
            self._live,
            self._send,
            self._obstacle,
            self._refresh,
        )

    async def _refresh(self) -> None:
        self._detail = await self._window.station_detail(self._targets[0].station_id)

    def _live(self) -> Mapping[str, Any]:
        return of_station(self._detail, self._evse_id, self._window.scene.at)

    def _obstacle(self) -> str | None:
        detail = self._detail
        if detail is None:
            return f"there is no station {self._targets[0].station_id} any more"
        return COMMANDS["send"].possible(detail.row, detail.evses[0].row) if detail.evses else None

    async def _send(self, message: Message) -> Answer:
        arguments = {"action": message.action, "payload": message.payload}
        if message.although_invalid:
            arguments["invalid"] = "send"
        if message.message_id:
            arguments["message-id"] = message.message_id
        outcome = await self._window.carry_out(Command("send", self._targets, arguments))
        body = outcome.results[0].answer if len(outcome.results) == 1 else ""
        return Answer(outcome.done, outcome.text, body)


def _named(targets: tuple[Target, ...]) -> str:
    more = f" and {len(targets) - 1} more" if len(targets) > 1 else ""
    return f"{targets[0].station_id}{more}"


def _version(text: str) -> Version:
    """The one that was agreed; before the first handshake it will be 2.0.1 if the CSMS has it."""
    return "1.6" if text == "1.6" else "2.0.1"
