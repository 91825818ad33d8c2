"""What is said of transaction events that a full queue had to drop: each by its seqNo (E04.FR.08)."""

from collections.abc import Iterable, Iterator, Sequence

from evtui.sim.messages import TransactionEvent


def tell(lost: Iterable[TransactionEvent]) -> Iterator[str]:
    """A line for each transaction."""
    numbers: dict[str, list[int]] = {}
    for event in lost:
        numbers.setdefault(event.transaction_id, []).append(event.seq_no)
    for transaction_id, seq_nos in numbers.items():
        what = "event" if len(seq_nos) == 1 else "events"
        yield f"the queue is full: {len(seq_nos)} {what} of {transaction_id} dropped, seqNo {spans(seq_nos)}"


def spans(numbers: Sequence[int]) -> str:
    """Rising numbers in few words: "1, 3, 5, 8" is "1 to 5 by 2, 8"."""
    words: list[str] = []
    first = 0
    while first < len(numbers):
        last = first
        if first + 2 < len(numbers):
            step = numbers[first + 1] - numbers[first]
            while last + 1 < len(numbers) and numbers[last + 1] - numbers[last] == step:
                last += 1
        if last - first >= 2:
            by = f" by {step}" if step != 1 else ""
            words.append(f"{numbers[first]} to {numbers[last]}{by}")
        else:
            last = first
            words.append(str(numbers[first]))
        first = last + 1
    return ", ".join(words)
