import json
import urllib.request
from pathlib import Path

import pytest

from bench import llm


def test_a_round_counts_what_the_server_served() -> None:
    with llm.server(5, 4) as url:
        figures = llm.measure(url, 24, 5, 4, 0)
        again = llm.measure(url, 24, 5, 4, 1)
    assert set(figures) == {"busy", "cpu_ms", "wall_ms", "found_ms"}
    for one in (figures, again):
        assert 0 < one["busy"] < 1.01
        assert one["cpu_ms"] > 0
        assert one["wall_ms"] >= 0


def test_the_server_has_no_more_slots_than_told_and_counts_them() -> None:
    with llm.server(5, 2) as url:
        llm.measure(url, 16, 5, 16, 0)  # asked by sixteen at once
        assert llm.busy(url, 2) == 0  # measuring set it back
        with urllib.request.urlopen(f"{url}/busy", timeout=10) as response:
            assert json.loads(response.read()) == {"slot_s": 0.0, "wall_s": 0.0}


def test_changes_differ_from_round_to_round() -> None:
    ids = {one.id for round_ in (0, 1) for one in llm.changes(80, round_)}
    assert len(ids) == 20


@pytest.mark.parametrize(("least", "code"), [(0.0, 0), (1.5, 1)])
def test_the_exit_code_follows_from_the_bounds(
    least: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "llm.json"
    words = ["llm", "--calls", "8", "--latency-ms", "5", "--slots", "4", "--repeats", "1", "--out", str(out)]
    monkeypatch.setattr("sys.argv", words)
    monkeypatch.setattr(llm, "MIN_BUSY", least)
    monkeypatch.setattr(llm, "MAX_OVERHEAD_MS", 1e6)
    assert llm.main() == code
    assert "slots in use" in capsys.readouterr().out
    assert len(json.loads(out.read_text())["rounds"]) == 1
