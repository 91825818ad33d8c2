"""Findings as a report: JSON, or JUnit XML with a test case for each station and rule."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import msgspec

from evtui.config import check_written
from evtui.csms.lint.findings import RULES, Finding
from evtui.csms.moment import to_wire

SUFFIXES: Final = (".json", ".xml")


class Report(msgspec.Struct, frozen=True):
    """All that was found. `generated_at` is RFC 3339."""

    generated_at: str
    stations: tuple[str, ...]
    errors: int
    warnings: int
    findings: tuple[Finding, ...]


def report_of(stations: Iterable[str], findings: Iterable[Finding], now: float) -> Report:
    """The report at a moment (Unix time)."""
    found = tuple(findings)
    errors = sum(each.severity == "error" for each in found)
    return Report(to_wire(now), tuple(stations), errors, len(found) - errors, found)


def check_report(path: str, setting: str) -> None:
    """ConfigError for a file that no report can be written to."""
    check_written(path, SUFFIXES, setting)


def write_report(path: str, report: Report) -> None:
    """Writes JSON or JUnit XML, by the suffix. OSError: it cannot be written."""
    text = junit(report) if path.endswith(".xml") else msgspec.json.format(msgspec.json.encode(report), indent=2)
    Path(path).write_bytes(text)


def junit(report: Report) -> bytes:
    """A test suite for each station, a test case for each rule; errors are failures, warnings its output."""
    root = ElementTree.Element("testsuites", name="evtui csms")
    by_station: dict[str, dict[str, list[Finding]]] = {station_id: {} for station_id in report.stations}
    for finding in report.findings:
        by_station.setdefault(finding.station_id, {}).setdefault(finding.rule, []).append(finding)
    for station_id, by_rule in by_station.items():
        failures = sum(RULES[name].severity == "error" for name in by_rule)
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_shown(station_id),
            timestamp=report.generated_at,
            tests=f"{len(RULES)}",
            failures=f"{failures}",
            errors="0",
        )
        for rule in RULES.values():
            name = f"{rule.name}: {rule.says} ({rule.requirement})"
            case = ElementTree.SubElement(suite, "testcase", classname=_shown(station_id), name=name, time="0")
            found = by_rule.get(rule.name)
            if found:
                lines = "\n".join(map(line, found))
                if rule.severity == "error":
                    failure = ElementTree.SubElement(case, "failure", type=rule.name, message=_shown(line(found[0])))
                    failure.text = _shown(lines)
                else:
                    ElementTree.SubElement(case, "system-out").text = _shown(lines)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def line(finding: Finding) -> str:
    """A finding in one line."""
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    about = f"{finding.subject}: " if finding.subject else ""
    return f"{finding.severity} {finding.requirement}: {about}{finding.text}; frame {finding.frame}{times}"


def _shown(text: str) -> str:
    """What XML can hold: no control characters, no lone surrogates."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
