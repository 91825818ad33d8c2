"""Block P: what OCPP leaves to vendors, both ways."""

from collections.abc import Callable

import pytest

from evtui.sim.actions import NoticeKind
from evtui.sim.events import TransferData
from evtui.sim.messages import DataTransfer, DataTransferAnswer
from evtui.sim.spec import TransferReply
from evtui.sim.terms import DataTransferStatus, RegistrationStatus
from tests.proof import proves
from tests.sim.playbook import Playbook, script

pytestmark = proves("DataTransfer")

ACCEPTED, REJECTED = DataTransferStatus.ACCEPTED, DataTransferStatus.REJECTED
UNKNOWN_MESSAGE, UNKNOWN_VENDOR = DataTransferStatus.UNKNOWN_MESSAGE_ID, DataTransferStatus.UNKNOWN_VENDOR_ID
REPLIES = (
    TransferReply("com.example", "hello", data='{"answer":42}'),
    TransferReply("com.example", "no", REJECTED),
    TransferReply("com.any", data='"whatever"'),
    TransferReply("com.any", "known", UNKNOWN_MESSAGE),
)
MESSAGE = DataTransfer("com.example", "hello", '{"a":[1,null]}')


# -- from the CSMS --------------------------------------------------------------------------------


@proves("P01", "P01.FR.05", "P01.FR.06", "P01.FR.07")
@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (DataTransfer("com.example", "hello"), DataTransferAnswer(ACCEPTED, '{"answer":42}')),
        (DataTransfer("com.example", "no", "1"), DataTransferAnswer(REJECTED)),
        (DataTransfer("com.example", "other"), DataTransferAnswer(UNKNOWN_MESSAGE)),
        (DataTransfer("com.example", "HELLO"), DataTransferAnswer(UNKNOWN_MESSAGE)),
        (DataTransfer("com.example"), DataTransferAnswer(UNKNOWN_MESSAGE)),
        (DataTransfer("com.any"), DataTransferAnswer(ACCEPTED, '"whatever"')),
        (DataTransfer("com.any", "some"), DataTransferAnswer(ACCEPTED, '"whatever"')),
        (DataTransfer("com.any", "known"), DataTransferAnswer(UNKNOWN_MESSAGE)),
        (DataTransfer("com.other", "hello"), DataTransferAnswer(UNKNOWN_VENDOR)),
    ],
)
def test_p01_the_answer_is_the_one_of_the_configuration(asked: DataTransfer, answer: DataTransferAnswer) -> None:
    """TC_P_01."""
    book = Playbook(data_transfer=REPLIES).booted()
    assert book.ask(asked) == (answer, [])
    assert book.said(NoticeKind.REQUEST) == [f"DataTransfer: {answer.status}"]


@proves("P01.FR.05")
def test_p01_fr_05_a_station_as_it_comes_knows_no_vendor() -> None:
    assert Playbook().booted().ask(MESSAGE)[0] == DataTransferAnswer(UNKNOWN_VENDOR)


# -- to the CSMS ----------------------------------------------------------------------------------


def send(book: Playbook, message: DataTransfer = MESSAGE) -> list[str]:
    return script(book.event(TransferData(message)))


@proves("P02")
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (DataTransferAnswer(ACCEPTED, '{"b":2}'), 'com.example hello: Accepted, {"b":2}'),
        (DataTransferAnswer(REJECTED), "com.example hello: Rejected"),
    ],
)
def test_p02_a_message_of_the_operator_is_sent_and_its_answer_told(answer: DataTransferAnswer, told: str) -> None:
    book = Playbook().booted()
    book.csms.replies[DataTransfer] = lambda: answer
    assert send(book) == ['DataTransfer com.example hello {"a":[1,null]}']
    assert book.said(NoticeKind.DATA_TRANSFER) == [told]
    assert send(book, DataTransfer("v")) == ["DataTransfer v -"]


@proves("P02")
def test_p02_one_at_a_time() -> None:
    book = Playbook().booted()
    book.csms.keep_silent(DataTransfer)
    send(book)
    assert send(book, DataTransfer("v")) == []
    assert book.said(NoticeKind.IMPOSSIBLE) == ["com.example hello is not answered yet"]
    book.answer()
    assert send(book, DataTransfer("v")) == ["DataTransfer v -"]


@proves("P02")
@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (lambda book: book.time_out(), "Timeout"),
        (lambda book: book.lose_link(), "the link was lost before the CSMS answered"),
    ],
    ids=["timeout", "link lost"],
)
def test_p02_a_message_without_an_answer_is_told_too(trouble: Callable[[Playbook], object], told: str) -> None:
    book = Playbook().booted()
    book.csms.keep_silent(DataTransfer)
    send(book)
    trouble(book)
    assert book.said(NoticeKind.DATA_TRANSFER_FAILED) == [f"com.example hello: no answer: {told}"]
    book.csms.behave(DataTransfer)
    if not book.linked:
        book.link()
    assert send(book) != []


@proves("P02")
@pytest.mark.parametrize("status", [RegistrationStatus.PENDING, RegistrationStatus.REJECTED, None])
def test_p02_nothing_is_sent_to_a_csms_that_is_not_there_or_has_not_accepted_the_station(
    status: RegistrationStatus | None,
) -> None:
    book = Playbook()
    if status is not None:
        book.csms.boot = status
        book.link()
    assert send(book) == []
    assert book.said(NoticeKind.IMPOSSIBLE) == ["there is no CSMS to send it to now"]
