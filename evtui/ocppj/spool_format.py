"""How a frame spool lies on disk. Writer and readers agree here, and nowhere else.

A spool is a directory. Its frames lie in segments, named after the number of their first frame (20 digits):

    <first>.text    for each frame, one after the other: message id, text; if a rule on the wire met it, what that did
                    and, on the next line, what the frame was before, then four bytes of their length; if it has a
                    fault, that and two bytes of its length; UTF-8 with lone surrogates passed through
    <first>.index   a header of 64 bytes, then room for `capacity` records of 32 bytes; never resized nor rewritten,
                    so a reader may keep it mapped
    names           stations and actions in order of appearance: one byte (S or A), two of length, UTF-8

The writer writes names and texts first and raises `count` in the header last: what a reader sees counted is complete,
also when the writer is killed at any moment. `sealed` says that the spool goes on in the segment whose first number is
this one's plus its count. Numbers are native-endian: a spool never leaves its machine.
"""

import struct
from typing import Final

from evtui.ocppj.frame import FrameType

MAGIC: Final = int.from_bytes(b"evtuifr1", "little")
HEADER_SIZE: Final = 64
RECORD_SIZE: Final = 32

# Slots of the header, unsigned 64-bit each.
SLOT_MAGIC: Final = 0
SLOT_FIRST: Final = 1
SLOT_COUNT: Final = 2
SLOT_SEALED: Final = 3

# at (Unix time), offset and length in the text file, station, action, flags, bytes of the message id, distance to the
# paired frame (0: none), round trip in microseconds (0: none).
RECORD: Final = struct.Struct("=dIIIHBBII")
PAIR: Final = struct.Struct("=I")
FLAGS_OFFSET: Final = 22
PAIR_OFFSET: Final = 24
FAULT_LENGTH: Final = struct.Struct("=H")
NOTE_LENGTH: Final = struct.Struct("=I")
NAME_HEAD: Final = struct.Struct("=cH")
STATION: Final = b"S"
ACTION: Final = b"A"

# Flags: the direction, three bits of type, and marks.
TYPE_SHIFT: Final = 1
TYPE_MASK: Final = 0b0111
FAULTY: Final = 1 << 4
MASKED: Final = 1 << 5
LOST: Final = 1 << 6  # the disk was full: the text is not there
MEDDLED: Final = 1 << 7  # a rule on the wire met it

ANSWERS: Final = frozenset({FrameType.CALLRESULT, FrameType.CALLERROR, FrameType.CALLRESULTERROR})


def stem(first: int) -> str:
    """The name of a segment's files, without suffix."""
    return f"{first:020d}"
