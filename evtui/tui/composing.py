"""Writing messages: which there are here, who sends them, and what was sent before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from evtui.engine.beside import CsmsQuery, CsmsRequest, CsmsStation, CsmsTransaction
from evtui.engine.commands import COMMANDS
from evtui.engine.door import Command, StationDetail, Target
from evtui.errors import EvtuiError, LocalError, said
from evtui.ocppj.forms import actions, is_sent_by
from evtui.ocppj.frame import Direction, Frame, FrameType
from evtui.ocppj.schema_files import Version
from evtui.tui.ends import Answer, End, Message
from evtui.tui.live import of_csms, of_station
from evtui.tui.screens.choose import Choose

if TYPE_CHECKING:
    from evtui.tui.app import EvtuiApp

_KEPT = 50  # messages of a kind

Entry = tuple[str, str, Callable[[], None]]


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

    def offered(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """Every message that can be sent from here, what is to be known of it, and what writes it; first those of the
        end that one is at."""
        targets = self._targets()
        if not targets:
            return
        version = self._version(targets[0].station_id)
        station, csms = self._of_station(targets, version), self._of_csms(targets, version)
        yield from (*csms, *station) if self._window.shown_screen().is_csms else (*station, *csms)

    def _of_station(self, targets: tuple[Target, ...], version: Version) -> Iterator[Entry]:
        if targets[0].station_id not in self._known:
            return
        for action in actions(version, of_station=True):
            whose = "" if is_sent_by(version, action, of_station=True) else "; by the standard the CSMS sends it"
            text = f"Write it as a form and send it from {_named(targets)} (OCPP {version}){whose}"
            yield f"Send: {action}", text, partial(self.write, action)

    def _of_csms(self, targets: tuple[Target, ...], version: Version) -> Iterator[Entry]:
        if not self._window.embedded:
            return
        station_id = targets[0].station_id
        for action in actions(version, of_station=False):
            if is_sent_by(version, action, of_station=False):
                text = f"Write it as a form, and let the embedded CSMS ask {station_id} (OCPP {version})"
                yield f"CSMS: {action}", text, partial(self.ask, station_id, action)

    @property
    def _known(self) -> set[str]:
        """The stations of the fleet that are in view, and those that are acted upon."""
        screen = self._window.shown_screen()
        ids = {row.id for row in self._window.scene.rows.values()}
        return ids if screen.is_csms else ids | {target.station_id for target in screen.targets()}

    def _targets(self) -> tuple[Target, ...]:
        """The stations that something here would act on."""
        ids = dict.fromkeys(target.station_id for target in self._window.shown_screen().targets())
        return tuple(Target(each) for each in ids)

    def _version(self, station_id: str) -> Version:
        screen, rows = self._window.shown_screen(), self._window.scene.rows.values()
        known = next((row.version for row in rows if row.id == station_id), "")
        return _version(screen.version_of(station_id) or known)

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
            self._ask_again(frame)
        elif frame.type is FrameType.ECHONET:
            window.tell("only frames of OCPP can be sent again", bad=True)
        else:
            choices = _ways(frame)
            title = "A secret in it was masked" if frame.masked else "Send it again"

            def chosen(way: str | None) -> None:
                if way is not None:
                    self._again(frame, way)

            window.push_screen(Choose(window.glyphs, title, choices), chosen)

    def _ask_again(self, frame: Frame) -> None:
        """What a CSMS sent, the embedded one can send again, with a new message id."""
        parts = parts_of(frame)
        if self._window.embedded and parts is not None:
            self.ask(frame.station, *parts)
        elif self._window.embedded:
            self._window.tell("the CSMS sent this one, and it is no CALL: it is not sent again", bad=True)
        else:
            self._window.tell("the CSMS sent this one: what a station sent can be sent again", bad=True)

    def _again(self, frame: Frame, way: str) -> None:
        window, target = self._window, Target(frame.station)
        parts = parts_of(frame)
        if way == _EDIT and parts is not None:
            self.write_from((target,), 0, *parts)
        elif way == _EDIT:
            self._edit_text(frame)
        elif way == _NEW and parts is not None:
            action, payload = parts
            window.orders.submit("send", (target,), {"action": action, "payload": payload, "invalid": "send"})
        else:
            window.orders.submit("send-raw", (target,), {"text": frame.text})

    def _edit_text(self, frame: Frame) -> None:
        def written(text: str | None) -> None:
            if text is not None:
                self._window.orders.submit("send-raw", (Target(frame.station),), {"text": text})

        title = f"{frame.station}: {frame.action or frame.type.name}"
        self.edit_frame(title, frame.text, self._version(frame.station), frame.action, written)

    def edit_frame(
        self, title: str, text: str, version: str, action: str, written: Callable[[str | None], None]
    ) -> None:
        """Lets a frame be edited as text, judged by the schema of `action`, or says why it cannot be."""
        # not needed otherwise, and the judge takes a while to load
        from evtui.tui.frame_text import frame_fault
        from evtui.tui.screens.frame_editor import FrameEditor

        def against(each: str) -> str:
            return frame_fault(each, _version(version), action)

        try:
            editor = FrameEditor(self._window.glyphs, title, text, against)
        except LocalError as error:
            self._window.tell(str(error), bad=True)
            return
        self._window.push_screen(editor, written)

    def ask(self, station_id: str, action: str, text: str | None = None) -> None:
        """Opens the form of a request of the embedded CSMS, with the payload of one that there was before."""
        self._window.run_worker(
            self._open_request(station_id, action, text), group="open", exclusive=True, exit_on_error=False
        )

    async def _open_request(self, station_id: str, action: str, text: str | None) -> None:
        shown = self._window.shown_screen().selected()
        await self._show(_Csms(self._window, station_id, shown).end, action, text)

    async def _open(self, targets: tuple[Target, ...], evse_id: int, action: str, text: str | None) -> None:
        await self._show(_Station(self._window, targets, evse_id).end, action, text)

    async def _show(self, end_of: Callable[[], Awaitable[End]], action: str, text: str | None) -> None:
        window = self._window
        try:
            end = await end_of()
            # not needed otherwise, and the judge takes a while to load
            from evtui.tui.screens.message import MessageScreen

            window.push_screen(MessageScreen(end, action, text))
        except (EvtuiError, OSError, EOFError) as error:
            window.tell(said(error), bad=True)


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
        outcome = await self._window.orders.carry_out(Command("send", self._targets, arguments))
        body = outcome.results[0].answer if len(outcome.results) == 1 else ""
        return Answer(outcome.done, outcome.text, body)


class _Csms:
    """The embedded CSMS, which asks a station; `shown` is the transaction that it is about, if it is one."""

    def __init__(self, window: EvtuiApp, station_id: str, shown: CsmsTransaction | None) -> None:
        self._window = window
        self._station_id = station_id
        self._shown = shown
        self._station: CsmsStation | None = None

    async def end(self) -> End:
        """As what writes messages sees it. LocalError: it does not know the station."""
        await self._refresh()
        if self._station is None:
            raise LocalError(f"the embedded CSMS does not know {self._station_id}")
        targets, version = (Target(self._station_id),), _version(self._station.version)
        name = f"CSMS {self._window.glyphs.crumb} {self._station_id}"
        return End(name, version, False, targets, self._live, self._send, self._obstacle, self._refresh)

    async def _refresh(self) -> None:
        view = await self._window.csms(CsmsQuery(station_id=self._station_id, count=1))
        rows = view.rows if view is not None else ()
        self._station = next((each for each in rows if isinstance(each, CsmsStation)), None)

    def _live(self) -> Mapping[str, Any]:
        return of_csms(self._station, self._shown, self._window.scene.at)

    def _obstacle(self) -> str | None:
        connected = self._station is not None and self._station.connected
        return None if connected else f"{self._station_id} is not connected"

    async def _send(self, message: Message) -> Answer:
        asked = CsmsRequest(self._station_id, message.action, message.payload, message.although_invalid)
        answer = await self._window.ask(asked)
        return Answer(answer.done, answer.text, answer.answer)


def _named(targets: tuple[Target, ...]) -> str:
    more = f" and {len(targets) - 1} more" if len(targets) > 1 else ""
    return f"{targets[0].station_id}{more}"


def _version(text: str) -> Version:
    """The one that was agreed; before the first handshake it will be 2.0.1 if the CSMS has it."""
    return "1.6" if text == "1.6" else "2.0.1"
