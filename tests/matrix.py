"""README's support matrix, made from the tests: which message behaves, and which tests prove it.

`python -m tests.matrix` writes it into README.md; `python -m tests.matrix --check` fails if README says something else.
The texts are in support.toml, the proofs are the marks of `tests.proof`.
"""

import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from evtui.dialects.registry import DIALECTS
from evtui.ocppj.schemas import schemas_of

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- support matrix: begin -->", "<!-- support matrix: end -->"
REFUSED = "CALLERROR NotSupported"
NOT_SENT = "not sent"

SUPPORT: Mapping[str, Mapping[str, Mapping[str, str]]] = tomllib.loads(
    Path(__file__).with_name("support.toml").read_text(encoding="utf-8")
)
"""By version, "requests" of a CSMS and "sent" by a station: what evtui does with each message."""


class Proofs:
    """A pytest plugin that gathers the marks: tests of each (version, message), by file."""

    def __init__(self) -> None:
        self.tests: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            told = {(mark.kwargs["version"], what) for mark in item.iter_markers("proves") for what in mark.args}
            for each in told:
                self.tests[each][item.path.relative_to(ROOT).as_posix()] += 1


def matrix(proofs: Proofs) -> str:
    """The markdown between the marks. SystemExit: a text and the code disagree, or nothing proves a text."""
    return "\n".join(_lines(proofs))


def _lines(proofs: Proofs) -> Iterator[str]:
    for dialect in DIALECTS.values():
        version = dialect.version
        requests, sent = SUPPORT[version]["requests"], SUPPORT[version]["sent"]
        if requests.keys() != dialect.actions:
            raise SystemExit(f"{version}: support.toml and the dialect differ in {requests.keys() ^ dialect.actions}")
        refused = schemas_of(version).actions - sent.keys() - requests.keys()
        everything = {**requests, **dict.fromkeys(sorted(refused), REFUSED)}
        yield from _table(f"OCPP {version}: requests of a CSMS", version, everything, proofs)
        yield from _table(f"OCPP {version}: messages of a station", version, sent, proofs)


def _table(title: str, version: str, texts: Mapping[str, str], proofs: Proofs) -> Iterator[str]:
    yield f"| {title} ({len(texts)}) | what evtui does | proven by |"
    yield "|---|---|---|"
    for name, text in texts.items():
        files = sorted(proofs.tests[version, name].items())
        if text and not files:
            raise SystemExit(f"{version} {name}: {text!r}, and no test proves it")
        links = [f"[{Path(file).stem.removeprefix('test_')}]({file})&nbsp;{count}" for file, count in files if text]
        yield f"| {name} | {text or NOT_SENT} | {', '.join(links)} |"
    yield ""


def main() -> None:
    """Writes the matrix into README.md, or compares."""
    proofs = Proofs()
    quietly = ["--collect-only", "-p", "no:terminal", "-o", "addopts=", str(ROOT / "tests")]
    code = pytest.main(quietly, plugins=[proofs])
    if code != 0:
        raise SystemExit(f"the tests cannot be collected: pytest says {code}")
    text = README.read_text(encoding="utf-8")
    block = f"{BEGIN}\n{matrix(proofs)}{END}"
    new = re.sub(f"{BEGIN}.*?{END}", lambda _: block, text, flags=re.DOTALL)
    if "--check" not in sys.argv:
        README.write_text(new, encoding="utf-8")
    elif new != text:
        raise SystemExit("README's support matrix is not what the tests say: run python -m tests.matrix")


if __name__ == "__main__":
    main()
