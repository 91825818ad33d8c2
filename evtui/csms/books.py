"""The CSMS's books: everything it remembers, in one hand, so that handlers are plain functions on it."""

from evtui.csms.journal import Journal
from evtui.csms.numbers import Numbers
from evtui.csms.registry import Registry
from evtui.csms.settings import Settings
from evtui.csms.tokens import TokenTable
from evtui.csms.transactions import Transactions


class Books:
    """Stations, tokens, transactions, the numbers that those of 1.6 get, and what people have set. A CSMS that is given
    the books of another goes on where that one ended. What changes is noted in the journal, if that is keeping."""

    def __init__(self, journal: Journal | None = None) -> None:
        self.journal = journal or Journal()
        self.registry = Registry(journal=self.journal)
        self.tokens = TokenTable(journal=self.journal)
        self.transactions = Transactions(journal=self.journal)
        self.numbers = Numbers(self.journal)
        self.settings = Settings(self.journal)
