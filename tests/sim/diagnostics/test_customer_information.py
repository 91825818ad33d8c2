"""N09, N10: what a station knows of a customer is told, and forgotten when the CSMS wants it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from evtui.sim.diagnostics.customer import MOST_PAGES, PAGE, Customers, pages
from evtui.sim.instant import Instant
from evtui.sim.messages import IdToken, NotifyCustomerInformation
from evtui.sim.requests import CertificateHash, CustomerInformation, ReserveNow, StatusAnswer
from evtui.sim.spec import EvseSpec
from evtui.sim.terms import IdTokenType
from tests.proof import proves
from tests.sim.playbook import CARD, OTHER_CARD, Playbook, script

pytestmark = proves("CustomerInformation", "NotifyCustomerInformation", "N09", "N10")

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CERTIFICATE = CertificateHash("SHA256", "aa", "bb", "cc")
NOTHING = "No data of this customer were found."
CLEARED = "The data of this customer were cleared."


def ask(
    book: Playbook, id_token: IdToken | None = CARD, *, report: bool = True, clear: bool = False, **named: object
) -> tuple[str, list[NotifyCustomerInformation]]:
    answer, sent = book.ask(CustomerInformation(5, report, clear, id_token, **named))  # type: ignore[arg-type]
    assert isinstance(answer, StatusAnswer)
    told = [each for each in sent if isinstance(each, NotifyCustomerInformation)]
    assert len(told) == len(sent)
    return answer.status, told


def text(told: list[NotifyCustomerInformation]) -> str:
    return "\n".join(each.data for each in told)


def visited() -> Playbook:
    """A station where the customer has charged, and left."""
    book = Playbook().charging()
    book.wait(30)
    book.stop()
    book.unplug()
    return book


def log(book: Playbook) -> str:
    return "\n".join(book.station.log_tail(1000))


# -- N09 ------------------------------------------------------------------------------------------


def test_n09_fr_05_a_station_tells_what_it_knows() -> None:
    book = visited()
    status, told = ask(book)
    assert status == "Accepted"
    report = text(told)
    assert report.startswith('Customer "DEADBEEF" (ISO14443)\n')
    assert 'INFO EVSE 1 authorized: "DEADBEEF"' in report
    assert "session-started: transaction tx-1" in report
    assert "Transaction tx-1 at EVSE 1, from 2026-05-04T12:" in report
    assert " kWh, Local" in report


def test_n09_who_charges_now_is_told_too() -> None:
    report = text(ask(Playbook(evses=(EvseSpec(), EvseSpec())).charging())[1])
    assert "Authorized at EVSE 1" in report
    assert "Transaction tx-1 at EVSE 1, from 2026-05-04T12:00:00.250Z, running" in report


def test_n09_identifiers_are_the_same_whatever_the_case_and_only_of_one_type() -> None:
    book = visited()
    assert "tx-1" in text(ask(book, IdToken("deadbeef"))[1])
    assert text(ask(book, IdToken("DEADBEEF", IdTokenType.E_MAID))[1]) != ""


def test_n09_fr_06_that_nothing_is_known_is_told_in_one_message() -> None:
    book = visited()
    strangers = ask(book, OTHER_CARD), ask(book, None, identifier="C-1"), ask(book, None, certificate=CERTIFICATE)
    for status, told in strangers:
        assert (status, [(each.data, each.seq_no, each.to_be_continued) for each in told]) == (
            "Accepted",
            [(NOTHING, 0, False)],
        )


def test_n09_fr_09_exactly_one_customer_is_named() -> None:
    book = visited()
    assert ask(book, None) == ("Invalid", [])
    assert ask(book, CARD, identifier="C-1") == ("Invalid", [])
    assert ask(book, None, identifier="C-1", certificate=CERTIFICATE) == ("Invalid", [])


def test_n09_fr_07_neither_report_nor_clear_is_rejected() -> None:
    assert ask(visited(), report=False) == ("Rejected", [])


def test_n09_fr_03_not_while_another_report_is_under_way() -> None:
    book = visited()
    book.csms.keep_silent(NotifyCustomerInformation)
    for _ in range(30):
        ask(book)
    assert ask(book) == ("Rejected", [])


# -- N10 ------------------------------------------------------------------------------------------


def test_n10_fr_03_what_was_told_is_cleared() -> None:
    book = visited()
    status, told = ask(book, clear=True)
    assert (status, "tx-1" in text(told)) == ("Accepted", True)
    assert text(ask(book)[1]) == NOTHING
    assert "DEADBEEF" not in log(book)
    assert "tx-1" not in log(book)
    assert book.forgotten == ["tx-1"]
    assert not any(b"DEADBEEF" in row for row in book.kept.values())


def test_n10_fr_04_clearing_nothing_tells_that_nothing_was_found() -> None:
    status, told = ask(visited(), OTHER_CARD, clear=True)
    assert (status, text(told)) == ("Accepted", NOTHING)


def test_n10_fr_06_clearing_without_a_report_tells_that_it_was_done() -> None:
    book = visited()
    status, told = ask(book, report=False, clear=True)
    assert (status, text(told), len(told)) == ("Accepted", CLEARED, 1)
    assert text(ask(book)[1]) == NOTHING


def test_n10_others_are_not_forgotten_with_one() -> None:
    book = visited()
    book.plug_in()
    book.present(OTHER_CARD)
    book.wait(30)
    book.present(OTHER_CARD)
    ask(book, clear=True)
    report = text(ask(book, OTHER_CARD)[1])
    assert "tx-2" in report
    assert "tx-1" not in report


def test_n10_fr_05_a_customer_who_charges_cannot_be_forgotten() -> None:
    book = Playbook().charging()
    assert ask(book, clear=True) == ("Rejected", [])
    book.stop()
    assert ask(book, clear=True)[0] == "Accepted"


@proves("ReservationStatusUpdate")
def test_n10_fr_03_reservations_of_the_customer_are_removed() -> None:
    book = Playbook(evses=(EvseSpec(), EvseSpec())).booted()
    for number, driver in ((1, CARD), (2, OTHER_CARD)):
        book.ask(ReserveNow(number, book.now.utc + timedelta(hours=1), driver, number))
    assert text(ask(book)[1]).endswith("\nReservation 1 of EVSE 1 until 2026-05-04T13:00:00.250Z")
    for number, driver in ((1, CARD), (2, OTHER_CARD)):
        _, sent = book.ask(CustomerInformation(5, False, True, driver))
        assert sorted(script(sent)) == [
            "NotifyCustomerInformation 5 0",
            f"ReservationStatusUpdate {number} Removed",
            f"StatusNotification {number}/1 Available",
        ]


def test_what_is_known_outlasts_a_power_cut_and_so_does_that_it_was_forgotten() -> None:
    book = visited()
    book.cut_power()
    book.link()
    assert "tx-1" in text(ask(book)[1])
    ask(book, clear=True)
    book.cut_power()
    book.link()
    assert text(ask(book)[1]) == NOTHING


# -- keepers and pages ----------------------------------------------------------------------------


class Cache:
    """Remembers as a cache does."""

    def __init__(self) -> None:
        self.known = {"DEADBEEF"}

    def known_of(self, id_token: IdToken) -> Iterator[str]:
        if id_token.id_token in self.known:
            yield "in the cache: Accepted"

    def busy_with(self, id_token: IdToken) -> bool:
        return False

    def forget(self, id_token: IdToken, now: Instant) -> None:
        self.known.discard(id_token.id_token)


def test_every_keeper_is_asked_and_forgets() -> None:
    cache, sent = Cache(), list[NotifyCustomerInformation]()
    customers = Customers([cache], sent.append)
    _, effect = customers.request(CustomerInformation(1, True, True, CARD), NOW)
    assert effect is not None
    effect(Playbook().now)
    assert sent[0].data == 'Customer "DEADBEEF" (ISO14443)\nin the cache: Accepted'
    assert cache.known == set()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=700), max_size=40))
def test_pages_hold_everything_are_numbered_and_not_too_long(lines: list[str]) -> None:
    """N09.FR.05: seqNo from 0, tbc on all but the last."""
    told = list(pages(7, "\n".join(lines), NOW))
    assert [each.seq_no for each in told] == list(range(len(told)))
    assert [each.to_be_continued for each in told] == [True] * (len(told) - 1) + [False]
    assert all(len(each.data) <= PAGE for each in told)
    assert len({(each.request_id, each.generated_at) for each in told}) == 1
    assert "".join(each.data for each in told).replace("\n", "") == "".join(lines).replace("\n", "")


def test_a_report_that_is_too_long_is_cut_and_says_so() -> None:
    told = list(pages(7, "\n".join(f"line {number}" for number in range(20_000)), NOW))
    assert len(told) == MOST_PAGES
    assert told[-1].data.endswith("more lines are left out.")
    shown = sum(each.data.count("\n") + 1 for each in told[:-1])
    assert int(told[-1].data.split()[0]) + shown == 20_000
