"""DataTransfer: what is not in OCPP (P01, P02). Replies come from the configuration, messages from an operator."""

from collections.abc import Callable, Sequence

from evtui.sim.actions import NoticeKind
from evtui.sim.messages import DataTransfer, DataTransferAnswer
from evtui.sim.spec import TransferReply
from evtui.sim.surroundings import Say
from evtui.sim.terms import DataTransferStatus

_SHOWN = 500
"""Characters of data that people see."""


class DataTransfers:
    """Both ways. `put` sends a message, and says no when there is nobody to send it to."""

    __slots__ = ("_put", "_replies", "_say", "_sent")

    def __init__(self, replies: Sequence[TransferReply], put: Callable[[DataTransfer], bool], say: Say) -> None:
        self._replies = {(each.vendor_id, each.message_id): each for each in replies}
        self._put = put
        self._say = say
        self._sent: DataTransfer | None = None  # its answer is awaited

    def reply(self, request: DataTransfer) -> DataTransferAnswer:
        """To a CSMS (P01.FR.05, FR.06): what is set for the message, or else for all messages of its vendor."""
        vendor_id = request.vendor_id
        if all(each != vendor_id for each, _ in self._replies):
            return DataTransferAnswer(DataTransferStatus.UNKNOWN_VENDOR_ID)
        reply = self._replies.get((vendor_id, request.message_id)) or self._replies.get((vendor_id, None))
        if reply is None:
            return DataTransferAnswer(DataTransferStatus.UNKNOWN_MESSAGE_ID)
        return DataTransferAnswer(reply.status, reply.data)

    def send(self, message: DataTransfer) -> None:
        """To the CSMS. One at a time, so that it is clear what an answer is to."""
        if self._sent is not None:
            self._say(NoticeKind.IMPOSSIBLE, f"{_name(self._sent)} is not answered yet")
        elif self._put(message):
            self._sent = message
        else:
            self._say(NoticeKind.IMPOSSIBLE, "there is no CSMS to send it to now")

    def answered(self, answer: DataTransferAnswer) -> None:
        """The CSMS answered."""
        data = "" if answer.data is None else f", {answer.data[:_SHOWN]}"
        self._tell(NoticeKind.DATA_TRANSFER, f"{answer.status}{data}")

    def failed(self, why: str) -> None:
        """There is no answer."""
        self._tell(NoticeKind.DATA_TRANSFER_FAILED, f"no answer: {why}")

    def _tell(self, kind: NoticeKind, text: str) -> None:
        sent, self._sent = self._sent, None
        if sent is not None:
            self._say(kind, f"{_name(sent)}: {text}")


def _name(message: DataTransfer) -> str:
    return message.vendor_id if message.message_id is None else f"{message.vendor_id} {message.message_id}"
