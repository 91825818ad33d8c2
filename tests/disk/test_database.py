"""Files of ours: made, brought up to date, refused; statements for any number of rows."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evtui.disk.database import Kind, Statement, Step, commit, connect, transaction
from evtui.errors import ConfigError

FIRST = Kind(application=1, schema=1, create="create table note (text text not null);", ways_out="go elsewhere")
THIRD = FIRST._replace(
    schema=3,
    create="create table note (text text, at real, place text);",
    migrations={1: "alter table note add column at real;", 2: "alter table note add column place text;"},
)


def _version(database: sqlite3.Connection) -> int:
    ((version,),) = database.execute("pragma user_version").fetchall()
    return int(version)


def test_an_older_file_is_brought_up_to_date_step_by_step(tmp_path: Path) -> None:
    database = connect(tmp_path / "a.db", FIRST)
    database.execute("insert into note values ('kept')")
    database.close()
    database = connect(tmp_path / "a.db", THIRD)
    assert database.execute("select text, at, place from note").fetchall() == [("kept", None, None)]
    assert _version(database) == 3
    database.close()
    database = connect(tmp_path / "new.db", THIRD)
    assert _version(database) == 3
    database.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    connect(tmp_path / "a.db", FIRST).close()
    broken = THIRD._replace(migrations={1: THIRD.migrations[1], 2: "alter table missing add column x;"})
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        connect(tmp_path / "a.db", broken)
    database = connect(tmp_path / "a.db", FIRST)
    assert _version(database) == 1
    assert [name for _, name, *_ in database.execute("pragma table_info(note)")] == ["text"]
    database.close()


def test_a_newer_file_and_one_of_something_else_are_refused(tmp_path: Path) -> None:
    connect(tmp_path / "a.db", THIRD).close()
    with pytest.raises(ConfigError, match=r"a\.db: was written by a newer evtui; go elsewhere"):
        connect(tmp_path / "a.db", FIRST)
    with pytest.raises(sqlite3.DatabaseError, match="is a database of something else"):
        connect(tmp_path / "a.db", THIRD._replace(application=2))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=700))
def test_any_number_of_rows_is_written_and_later_ones_count(rows: list[tuple[int, int]]) -> None:
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.execute("create table pair (key integer primary key, value integer)")
    values: list[object] = [each for row in rows for each in row]
    Statement("insert or replace into pair values {}", "(?,?)").execute(database, values)
    assert dict(database.execute("select key, value from pair").fetchall()) == dict(rows)
    database.close()


def _write(database: sqlite3.Connection, *notes: str | None) -> None:
    with transaction(database):
        for note in notes:
            database.execute("insert into note values (?)", (note,))


def test_few_rows_are_written_twice_to_fill_a_statement_up() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("create table pair (key integer primary key, value integer)")
    written: list[str] = []
    for rows in range(1, 257):
        written.clear()
        database.set_trace_callback(written.append)
        Statement("insert or replace into pair values {}", "(?,?)").execute(database, list(range(2 * rows)))
        database.set_trace_callback(None)
        (filled,) = [text.count("),(") + 1 for text in written if text.startswith("insert")]
        assert rows <= filled < 1.5 * rows + 1


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = connect(tmp_path / "a.db", FIRST)
    with pytest.raises(sqlite3.IntegrityError):
        _write(database, "gone", None)
    assert not database.execute("select * from note").fetchall()
    database.close()


def _traced(database: sqlite3.Connection, *steps: Step) -> list[str]:
    told: list[str] = []
    database.set_trace_callback(told.append)
    try:
        commit(database, steps)
    finally:
        database.set_trace_callback(None)
    return told


def test_one_step_is_a_transaction_by_itself_and_several_are_one(tmp_path: Path) -> None:
    database = connect(tmp_path / "a.db", FIRST)
    assert len(_traced(database, ("insert into note values (?), (?)", ["a", "b"]))) == 1
    several = _traced(database, ("delete from note", []), ("insert into note values (?)", ["c"]))
    assert (several[0], several[-1]) == ("begin immediate", "commit")
    assert database.execute("select text from note").fetchall() == [("c",)]
    database.close()


@pytest.mark.parametrize("steps", [[["a", None]], [["a", "b"], ["c", None]]])
def test_all_steps_are_carried_out_or_none(tmp_path: Path, steps: list[list[object]]) -> None:
    database = connect(tmp_path / "a.db", FIRST)
    with pytest.raises(sqlite3.IntegrityError):
        commit(database, [("insert into note values (?), (?)", notes) for notes in steps])
    assert not database.in_transaction
    assert not database.execute("select * from note").fetchall()
    database.close()
