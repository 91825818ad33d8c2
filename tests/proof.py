"""What a test proves: messages of OCPP and requirement ids. README's support matrix is made of these marks."""

import pytest


def proves(*what: str, version: str = "2.0.1") -> pytest.MarkDecorator:
    """Marks a test, a class or (as `pytestmark`) a module: "Reset", "B11.FR.09". A message of the version counts for
    its row in the matrix (see `tests.matrix`), a requirement id stands beside it."""
    return pytest.mark.proves(*what, version=version)
