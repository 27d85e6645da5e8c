import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.contract import LEDGER
from synthesis import ledger as module
from synthesis.calls import Answer, LedgerUnusable, Request, Sampling
from synthesis.ledger import Ledger, Usage

ROOT = Path(__file__).resolve().parents[3]
ANSWER = Answer("A \x00 é 🙂\n", "stop", 11, 2, 0.25, "m", "1.2.3", 1_700_000_000)


def request(number: int, task: str = "judge", model: str = "m") -> Request:
    return Request(task, f"pair-{number}", model, (("user", f"number {number}"),), Sampling(0.8, 0.95, 64, number))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger(path) as made:
        yield made


def test_what_is_put_is_got_also_after_opening_again(ledger: Ledger, path: Path) -> None:
    assert ledger.get(request(1).key) is None
    assert ledger.put(request(1), ANSWER) == ANSWER
    ledger.close()
    assert ledger.get(request(1).key) == ANSWER
    with Ledger(path) as other:
        assert other.get(request(1).key) == ANSWER
        assert len(other) == 1


def test_the_first_answer_stands(ledger: Ledger) -> None:
    ledger.put(request(1), ANSWER)
    assert ledger.put(request(1), replace(ANSWER, text="B")) == ANSWER
    assert len(ledger) == 1


def test_rows_are_as_the_contract_has_them_in_the_order_of_insertion(ledger: Ledger) -> None:
    numbers = [5, 1, 9, 3]
    for number in numbers:
        ledger.put(request(number), ANSWER)
    rows = list(ledger.rows())
    assert [list(row) for row in rows] == [LEDGER.names] * 4
    assert [row["record"] for row in rows] == [f"pair-{number}" for number in numbers]
    assert rows[0]["request"] == request(5).canonical
    assert rows[0]["key"] == request(5).key
    assert list(ledger.rows(by_key=True)) == sorted(rows, key=lambda row: str(row["key"]))


def test_many_rows_come_whole(ledger: Ledger, tmp_path: Path) -> None:
    ledger.put(request(0), ANSWER)
    (row,) = ledger.rows()
    made = [{**row, "key": one.key, "request": one.canonical} for one in (request(number) for number in range(2500))]
    assert ledger.load(made) == 2499
    assert [row["key"] for row in ledger.rows()] == [row["key"] for row in made]
    with Ledger(tmp_path / "other.sqlite") as other:
        assert other.load(ledger.rows()) == 2500
        assert other.load(ledger.rows()) == 0
        assert list(other.rows()) == list(ledger.rows())


def test_a_row_of_another_request_is_not_taken(ledger: Ledger) -> None:
    ledger.put(request(0), ANSWER)
    (row,) = ledger.rows()
    good = {**row, "key": request(1).key, "request": request(1).canonical}
    with pytest.raises(LedgerUnusable, match="another request's"):
        ledger.load([good, {**row, "request": request(2).canonical}])
    with pytest.raises(LedgerUnusable, match="text of a row to load is None, must be str"):
        ledger.load([good, {name: value for name, value in row.items() if name != "text"}])
    assert len(ledger) == 1


def test_stats_are_by_task_and_model(ledger: Ledger) -> None:
    for number in range(3):
        ledger.put(request(number), ANSWER)
    ledger.put(request(0, model="n"), ANSWER)
    ledger.put(request(9, task="bug"), ANSWER)
    assert ledger.stats() == (
        Usage("bug", "m", 1, 11, 2, 0.25),
        Usage("judge", "m", 3, 33, 6, 0.75),
        Usage("judge", "n", 1, 11, 2, 0.25),
    )


def test_gc_keeps_what_is_named_and_its_order(ledger: Ledger) -> None:
    for number in (4, 2, 7, 1):
        ledger.put(request(number), ANSWER)
    assert ledger.gc({request(1).key, request(4).key, "no such key"}) == 2
    assert [row["record"] for row in ledger.rows()] == ["pair-4", "pair-1"]
    ledger.put(request(2), ANSWER)
    assert [row["record"] for row in ledger.rows()] == ["pair-4", "pair-1", "pair-2"]


def test_gc_waits_for_nobody_who_has_it_open(ledger: Ledger, path: Path) -> None:
    ledger.put(request(1), ANSWER)
    with Ledger(path) as other:
        with pytest.raises(LedgerUnusable, match="another process has the ledger open"):
            other.gc(set())
        assert len(other) == 1
        ledger.close()
        assert other.gc(set()) == 1


def test_a_pickled_ledger_opens_the_same_file(ledger: Ledger) -> None:
    ledger.put(request(1), ANSWER)
    with pickle.loads(pickle.dumps(ledger)) as other:
        assert other.get(request(1).key) == ANSWER


def test_threads_may_share_it(ledger: Ledger) -> None:
    def put_all() -> None:
        for number in range(40):
            ledger.put(request(number), ANSWER)

    threads = [threading.Thread(target=put_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger) == 40
    assert sorted(row["key"] for row in ledger.rows()) == sorted(request(number).key for number in range(40))


WRITER = """
import sys
from synthesis.calls import Answer, Request, Sampling
from synthesis.ledger import Ledger
ledger = Ledger(sys.argv[1])
print("open", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    asked = Request("judge", f"pair-{number}", "m", (("user", f"number {number}"),), Sampling(0.8, 0.95, 64, number))
    ledger.put(asked, Answer("x" * 5000, "stop", 1, 1, 0.5, "m", "", 1))
print("done", flush=True)
"""


def writer(path: Path, begin: int, end: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WRITER, str(path), str(begin), str(end)]
    return subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_processes_may_share_it_also_its_making(path: Path) -> None:
    writers = [writer(path, begin, begin + 150) for begin in (0, 100)]
    for process in writers:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
    told = [process.communicate("go\n", timeout=30)[0] for process in writers]
    assert told == ["done\n"] * 2
    with Ledger(path) as ledger:
        assert {row["record"] for row in ledger.rows()} == {f"pair-{number}" for number in range(250)}
        assert len(ledger) == 250


def test_a_file_that_another_process_is_making_is_waited_for(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.1, lambda: other.execute("ROLLBACK"))
    timer.start()
    with Ledger(path) as ledger:
        assert len(ledger) == 0
    timer.join()
    other.close()


def test_a_file_that_stays_locked_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUSY_S", 0.05)
    path.parent.mkdir()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnusable, match="locked"):
        Ledger(path)
    other.close()


def test_a_killed_writer_leaves_whole_rows_in_order(path: Path) -> None:
    with Ledger(path) as ledger, writer(path, 0, 10**9) as process:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        while len(ledger) < 60:
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        rows = list(ledger.rows())
    with Ledger(path) as again:
        assert list(again.rows()) == rows
        assert [row["record"] for row in rows] == [f"pair-{number}" for number in range(len(rows))]
        assert {len(row["text"]) for row in rows} == {5000}
        assert again.put(request(0), ANSWER).text == "x" * 5000


def test_a_fork_opens_its_own_connection(ledger: Ledger) -> None:
    ledger.put(request(1), ANSWER)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            ledger.put(request(2), ANSWER)
            opened_here = ledger._open is not None and ledger._open[0] == os.getpid()
            code = 0 if len(ledger) == 2 and opened_here else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert ledger.get(request(2).key) == ANSWER


@pytest.mark.parametrize("content", [b"PK\x03\x04 not a ledger at all", b"x" * 5000, b"SQLite format 3\x00 cut"])
def test_another_kind_of_file_is_refused_and_left_alone(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(LedgerUnusable, match=r"not a database|malformed|disk image"):
        Ledger(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE calls (key)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LedgerUnusable, match="another program's file"):
        Ledger(path)
    assert path.read_bytes() == before


def test_a_later_version_is_refused(ledger: Ledger, path: Path) -> None:
    ledger.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(LedgerUnusable, match="of version 9"):
        Ledger(path)


def test_damage_inside_the_file_is_told(ledger: Ledger, path: Path) -> None:
    ledger.put(request(0), ANSWER)
    (row,) = ledger.rows()
    made = (request(number) for number in range(1, 200))
    ledger.load({**row, "key": one.key, "request": one.canonical, "text": "x" * 2000} for one in made)
    ledger.close()
    data = path.read_bytes()
    path.write_bytes(data[:8192] + b"\x55" * (len(data) - 8192))
    with Ledger(path) as damaged, pytest.raises(LedgerUnusable, match="move it away"):
        list(damaged.rows())


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LedgerUnusable, match="can't be opened"):
        Ledger(tmp_path / "file" / "ledger.sqlite")
    with pytest.raises(LedgerUnusable, match="can't be used"):
        Ledger(tmp_path)


def test_a_failed_batch_leaves_nothing(ledger: Ledger) -> None:
    ledger.put(request(0), ANSWER)
    (row,) = ledger.rows()
    good = {**row, "key": request(1).key, "request": request(1).canonical}
    bad = {**row, "key": request(2).key, "request": request(2).canonical, "seconds": "no number"}
    with pytest.raises(LedgerUnusable, match="seconds of a row to load is 'no number', must be float"):
        ledger.load([good, bad])
    assert len(ledger) == 1


def test_a_full_disk_leaves_nothing_of_a_batch(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.put(request(0), ANSWER)
    (row,) = ledger.rows()
    with ledger._connection() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    made = [request(number) for number in range(1, 50)]
    with pytest.raises(LedgerUnusable, match="full"):
        ledger.load({**row, "key": one.key, "request": one.canonical, "text": "x" * 3000} for one in made)
    assert list(ledger.rows()) == [row]
