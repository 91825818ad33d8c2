"""A message as a form, written and sent by keyboard alone; what comes back for it shows below."""

from typing import Any, ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import BindingType

from evtui.errors import LocalError
from evtui.ocppj.fault import Fault
from evtui.ocppj.forms import encoded, fill, form_of
from evtui.ocppj.schemas import FORMAT, schemas_of
from evtui.tui.bindings import bindings
from evtui.tui.draft import Absent, Draft
from evtui.tui.editor import edit
from evtui.tui.ends import Answer, End, Message
from evtui.tui.json_text import pretty
from evtui.tui.keys import KeySpec, Where, with_keys
from evtui.tui.screens.base import EvtuiScreen
from evtui.tui.screens.field import FieldPrompt
from evtui.tui.widgets.answer_view import AnswerView
from evtui.tui.widgets.field_note import FieldNote
from evtui.tui.widgets.form_table import FormTable
from evtui.tui.widgets.key_bar import KeyBar
from evtui.tui.widgets.title_bar import TitleBar

_NO_JSON = "what was written is no JSON: `message.editor` goes on writing"
_SHOWN_ABSENT = {
    Absent.NONE: "only what is in the message",
    Absent.OPTIONAL: "optional fields, too",
    Absent.CUSTOM: "customData, too",
}


class MessageScreen(EvtuiScreen):
    """Opened for an action of one end; with `text`, the payload of a message that there was before."""

    HELP = (
        "A message, made from its schema and filled with what is true now. * is required, + can be added. "
        "It goes when it is its turn, and the answer is told to nobody but you."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.MESSAGE)
    AUTO_FOCUS = "#form"
    CSS = """
    MessageScreen #form { height: 3fr; }
    MessageScreen #note { height: 5; }
    MessageScreen #answer { height: 2fr; display: none; }
    MessageScreen.-answered #answer { display: block; }
    MessageScreen.-answered.-short #note { height: 3; }
    MessageScreen.-tall #note { height: 7; }
    """

    def __init__(self, end: End, action: str, text: str | None = None) -> None:
        super().__init__()
        self.end = end
        self.action = action
        self.although_invalid = False
        self.broken: str | None = None
        """What was written in the editor, if that is no JSON."""
        self._judge = schemas_of(end.version)
        form = form_of(end.version, action)
        self.draft = Draft(form, fill(form, end.live()), end.live, self._faults)
        if text is not None:
            self._take(text)
        self._recalled = 0
        self._busy = False

    def _faults(self, payload: Any) -> list[Fault]:
        if self.broken is not None:
            return [Fault(FORMAT, "", with_keys(_NO_JSON, self.window.keymap))]
        return self._judge.faults(self.action, payload)

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        window = self.window
        yield TitleBar(window.glyphs, id="title")
        yield FormTable(window.glyphs, self.draft, id="form")
        yield FieldNote(window.glyphs, id="note")
        yield AnswerView(window.glyphs, id="answer")
        yield KeyBar(window.glyphs, window.keymap, self.why_not, id="keys")

    def places(self) -> tuple[Where, ...]:
        """The keys of a message."""
        return (Where.MESSAGE,)

    def targets(self) -> tuple[Any, ...]:
        """The stations that it is about."""
        return self.end.targets

    def why_not(self, spec: KeySpec) -> str | None:
        """Why it cannot be sent now."""
        if spec.id == "message.send" and (reason := self.window.orders.why_not(spec) or self.end.obstacle()):
            return reason
        return None

    @property
    def table(self) -> FormTable:
        """The form."""
        return self.query_one("#form", FormTable)

    @property
    def answer(self) -> AnswerView:
        """What came back."""
        return self.query_one("#answer", AnswerView)

    async def pull(self) -> None:
        """What is true now, for fields that are added."""
        await self.end.refresh()

    def show(self) -> None:
        """Everything."""
        if not self.stands:
            return
        glyphs, draft = self.window.glyphs, self.draft
        though = [("  although invalid", "mark")] if self.although_invalid else []
        self.query_one("#title", TitleBar).show(
            [
                (" evtui ", "here"),
                (f"{glyphs.crumb} ", "dim"),
                (self.end.name, "text"),
                (f" {glyphs.crumb} ", "dim"),
                (f"send {self.action}", "title"),
                (f" {glyphs.dot} OCPP {self.end.version}", "dim"),
                *though,
            ]
        )
        self.table.repaint()
        row = draft.row
        self.query_one("#note", FieldNote).show(row, draft.fault(row) if row else "")
        bar = self.query_one("#keys", KeyBar)
        bar.places = self.places()
        bar.repaint()

    # -- moving -----------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """By lines; up from the first line recalls what was sent before."""
        if self.focused is self.answer:
            self.answer.scroll_lines(step)
            return
        if not self.draft.move(step) and step == -1:
            self.action_recall(-1)
        self.show()

    def action_page(self, step: int) -> None:
        """By screens."""
        if self.focused is self.answer:
            self.answer.scroll_lines(step * self.answer.room)
            return
        self.draft.move(step * max(1, self.table.room - 2))
        self.show()

    def action_edge(self, step: int) -> None:
        """To the first line, or the last."""
        if self.focused is self.answer:
            self.answer.scroll_lines(step * (1 << 30))
            return
        self.draft.move(step * len(self.draft.rows))
        self.show()

    def action_next_fault(self) -> None:
        """To the next line that is wrong."""
        if not self.draft.next_fault():
            self.window.tell("nothing is wrong with a field")
        self.show()

    def action_sideways(self, step: int) -> None:
        """Another value of a choice; else folds or unfolds."""
        draft = self.draft
        if not draft.turn(step) and not draft.fold(step < 0) and step < 0:
            draft.out()
        self.show()

    # -- changing ---------------------------------------------------------------------------------

    def action_edit(self) -> None:
        """Asks for the value of this line; folds and unfolds what holds others; adds what is not there."""
        if self.focused is self.answer or self._is_broken():
            return
        draft = self.draft
        row = draft.row
        if row is None:
            self.window.tell("there is no field here")
        elif not row.there and row.field.kind in ("object", "array"):
            self.action_add()
        elif not draft.fold():
            if row.there and isinstance(row.value, str) and not row.value.isprintable():
                self.window.tell(f"it has control characters: {self.window.key_of('message.editor')} edits them")
                return
            self.window.push_screen(FieldPrompt(self.window.glyphs, row, draft.typed_fault), self._typed)
        self.show()

    def _typed(self, text: str | None) -> None:
        if text is not None:
            self.draft.type_in(text)
        self.show()

    def action_add(self) -> None:
        """Adds the field that is not there, or an item to a list."""
        if not self._is_broken() and (why := self.draft.add()):
            self.window.tell(why)
        self.show()

    def action_remove(self) -> None:
        """Takes the line out, and says how all that it held comes back."""
        row = self.draft.row
        if not self._is_broken():
            if why := self.draft.remove():
                self.window.tell(why)
            elif row is not None and row.holds:
                where = "" if isinstance(row.path[-1], str) else " on its list"
                self.window.tell(f"{row.place} is out: `message.add`{where} puts it back")
        self.show()

    def action_show_absent(self) -> None:
        """Other fields that could be added."""
        self.window.tell(f"shown: {_SHOWN_ABSENT[self.draft.show_absent()]}")
        self.show()

    def action_allow_invalid(self) -> None:
        """A message that breaks the schema is sent all the same, or refused again."""
        self.although_invalid = not self.although_invalid
        allowed = "it will be sent although it is invalid"
        self.window.tell(allowed if self.although_invalid else "only valid messages are sent")
        self.show()

    def action_recall(self, step: int) -> None:
        """A payload that was sent before, or a newer one."""
        sent = self.window.composer.sent(self.end, self.action)
        at = self._recalled + step
        if not -len(sent) <= at < 0:
            self.window.tell(f"no {'older' if step < 0 else 'newer'} {self.action} was sent from this window")
            return
        self._recalled = at
        self._take(sent[at])
        self.show()

    def action_editor(self) -> None:
        """The payload in $EDITOR."""
        try:
            before = self.broken if self.broken is not None else pretty(encoded(self.draft.payload)) + "\n"
            text = edit(self.window, before, f"{self.action}.json")
        except LocalError as error:
            self.window.tell(str(error), bad=True)
            return
        if text is None:
            self.window.tell("the editor ended without success: nothing is changed", bad=True)
            return
        self._take(text)
        if self.broken is not None:
            self.window.tell("what was written is no JSON", bad=True)
        self.show()

    def _take(self, text: str) -> None:
        try:
            payload = msgspec.json.decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            self.broken = text.strip()
            self.draft.replace({})
        else:
            self.broken = None
            self.draft.replace(payload)
        self.draft.here = 0

    def _is_broken(self) -> bool:
        if self.broken is not None:
            self.window.tell(_NO_JSON, bad=True)
        return self.broken is not None

    def action_copy(self) -> None:
        """The payload as it would be sent."""
        text = self._text()
        if text is not None:
            self.window.copy_to_clipboard(text)
            self.window.tell(f"copied {len(text):,} characters of {self.action}")

    # -- sending ----------------------------------------------------------------------------------

    def _text(self) -> str | None:
        if self.broken is not None:
            return self.broken
        try:
            return encoded(self.draft.payload)
        except LocalError as error:
            self.window.tell(str(error), bad=True)
            return None

    def action_send(self) -> None:
        """Sends it, unless it is invalid and not meant to be."""
        window, draft = self.window, self.draft
        text = self._text()
        if text is None:
            return
        if self._busy:
            window.tell("it waits for the answer to the one before")
        elif reason := ("this window is read-only" if window.read_only else self.end.obstacle()):
            window.tell(reason, bad=True)
        elif draft.faults and not self.although_invalid:
            place, why = next(iter(draft.faults.items()))
            more = f" (and {len(draft.faults) - 1} more)" if len(draft.faults) > 1 else ""
            key = window.key_of("message.invalid")
            window.tell(f"not sent: {place + ': ' if place else ''}{why}{more}; {key} allows it", bad=True)
            draft.next_fault() if draft.row is None or not draft.fault(draft.row) else None
            self.show()
        else:
            self._busy = True
            self._recalled = 0
            window.composer.keep(self.end, self.action, text)
            self.add_class("-answered")
            self.answer.wait("it waits for its turn, and for the answer ...")
            self.run_worker(self._send(Message(self.action, text, self.although_invalid)), group="send")

    async def _send(self, message: Message) -> None:
        answer = Answer(False, "it could not be sent")
        try:
            answer = await self.end.send(message)
        finally:
            self._busy = False
        self.window.tell(answer.text, bad=not answer.done)
        if self.stands:
            self.answer.show(answer)

    def on_form_table_chosen(self) -> None:
        """A second click."""
        self.action_edit()

    def action_back(self) -> None:
        """Back to where it was opened; what was sent goes on."""
        if self.focused is self.answer:
            self.set_focus(self.table)
        else:
            self.leave()
