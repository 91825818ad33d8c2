"""The CSMS's books: everything it remembers, in one hand, so that handlers are plain functions on it."""

from evtui.csms.numbers import Numbers
from evtui.csms.registry import Registry
from evtui.csms.tokens import TokenTable
from evtui.csms.transactions import Transactions


class Books:
    """Stations, tokens, transactions, and the numbers that those of 1.6 get. A CSMS that is given the books of another
    goes on where that one ended."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.tokens = TokenTable()
        self.transactions = Transactions()
        self.numbers = Numbers()
