"""The digits that a meter tells: three decimals."""

DIGITS = 3

_PER_UNIT = 1000.0
_MOST = 1e10  # as a float, a thousand times as much still has decimals
_NO_DECIMALS = 1.5 * 2.0**52  # added to a float of less than a quarter of that, it leaves none
_CLEAR = 0.499


def told(figure: float) -> float:
    """`round(figure, DIGITS)`, which spells the figure and reads it again: five times as fast, as this is most of what
    a sample costs. Where the fourth decimal is all but a 5, `round` decides."""
    if 0.0 < figure < _MOST:
        thousandths = figure * _PER_UNIT
        whole = thousandths + _NO_DECIMALS - _NO_DECIMALS
        if -_CLEAR < thousandths - whole < _CLEAR:
            return whole / _PER_UNIT
    return round(figure, DIGITS)
