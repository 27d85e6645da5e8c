"""Compilers are asked by argument list and within a time; their complaints lose the place and keep the words."""

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from parsers.language import languages
from pipeline import toolchains
from pipeline.toolchains import TOOLCHAINS, Text, Toolchain, complaints, counts, new_complaint, present

CASES = {
    "C": ("int f(int a) { return a; }\n", "int f(int a) { return b; }\n", "'b'|‘b’"),
    "C#": ("class A { int F() { return 1; } }\n", "class A { int F( { return 1; } }\n", "CS1525|CS1026|CS1001"),
    "C++": ("#include <vector>\nint f(int a) { return a; }\n", "int f(int a) { return b; }\n", "‘b’|'b'"),
    "Go": ("package a\n\nfunc f() int { return 1 }\n", "package a\n\nfunc f() int { b := 1; return 2 }\n", "declared"),
    "Java": ("class A { int f() { return 1; } }\n", "class A { int f() { int a; return a; } }\n", "initialized"),
    "JavaScript": ("let a = 1;\n", "let a = ;\n", "SyntaxError"),
    "Python": ("import nothing_of_that_name\n", "def f(:\n", "SyntaxError: invalid syntax"),
    "Ruby": ("puts 1\n", "def f\nend end\n", "syntax error"),
}


def at(folder: Path, language: str, *texts: str) -> list[Text]:
    ending = languages()[language].extensions[0]
    return [Text(folder / f"A{ending}", folder, text) for text in texts]


@pytest.mark.parametrize("language", sorted(TOOLCHAINS))
def test_a_sound_text_has_no_complaint_and_a_broken_one_has(language: str, tmp_path: Path) -> None:
    if not present(language):
        pytest.skip(f"{TOOLCHAINS[language].program} is not on this machine")
    sound, broken, words = CASES[language]
    said = complaints(language, at(tmp_path, language, sound, broken, sound))
    assert said[0] == said[2] == ()
    assert any(any(word in line for line in said[1]) for word in words.split("|")), said[1]
    assert not any(str(tmp_path) in line or "themis-check" in line for line in said[1])
    assert new_complaint(language, said[1], said[0]) is not None
    assert counts(language, said[0])


def test_there_is_a_toolchain_for_every_language_and_python_is_always_there() -> None:
    assert set(TOOLCHAINS) == set(languages()) == set(CASES)
    assert present("Python")
    assert not present("COBOL")


def test_nothing_of_the_text_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    assert complaints("Python", at(tmp_path, "Python", f"open({str(mark)!r}, 'w')\n")) == [()]
    assert not mark.exists()


def test_headers_are_sought_beside_the_file_and_up_to_the_root(tmp_path: Path) -> None:
    if not present("C"):
        pytest.skip("gcc is not on this machine")
    (tmp_path / "include").mkdir()
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "include" / "one.h").write_text("int one;\n")
    (tmp_path / "src" / "deep" / "two.h").write_text("int two;\n")
    text = '#include <one.h>\n#include "two.h"\nint f(void) { return one + two; }\n'
    path = tmp_path / "src" / "deep" / "a.c"
    assert complaints("C", [Text(path, tmp_path, text)]) == [()]
    assert complaints("C", [Text(path, path.parent, text)]) != [()]


def test_a_tolerant_toolchain_bears_what_it_said_of_the_original() -> None:
    original = ("cannot find symbol symbol: method assertTrue(boolean)",)
    assert new_complaint("Java", ("cannot find symbol symbol: method assertTrue(Boolean)",), original) is None
    assert new_complaint("Java", (*original, "unreachable statement"), original) == "unreachable statement"
    assert new_complaint("Go", ("cannot compare a == nil",), ("cannot compare a != nil",)) is None
    assert new_complaint("Python", ("SyntaxError: a",), ("SyntaxError: a",)) is None
    assert counts("Java", original) and not counts("Java", ("syntax: ';' expected",))
    assert counts("C", ()) and not counts("C", ("error: a",))


def program(tmp_path: Path, source: str) -> Toolchain:
    """A stand-in for a batch toolchain: a Python program that reads the list."""
    return replace(TOOLCHAINS["Python"], program=sys.executable, source=source)


def running(process: int) -> bool:
    """Whether a process is there and not just waiting to be counted as ended, asked until it is so."""
    for _ in range(500):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return False
        if state == "Z":
            return False
        time.sleep(0.01)
    return True


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not list its processes in /proc")
def test_a_process_that_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "pid"
    child = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    source = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    monkeypatch.setitem(TOOLCHAINS, "Python", program(tmp_path, source))
    monkeypatch.setattr(toolchains, "_START_S", 2.0)
    monkeypatch.setattr(toolchains, "_BATCH_FILE_S", 0.0)
    assert complaints("Python", at(tmp_path, "Python", "a\n")) == [("no answer after 2 s",)]
    assert not running(int(mark.read_text()))


def test_a_batch_that_breaks_without_a_name_is_asked_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        "import sys\n"
        "copies = [line.split('\\t')[0] for line in open(sys.argv[1]).read().splitlines()]\n"
        "sys.exit('too many' if len(copies) > 1 else 'bad' if 'bad' in open(copies[0]).read() else 0)\n"
    )
    monkeypatch.setitem(TOOLCHAINS, "Python", program(tmp_path, source))
    assert complaints("Python", at(tmp_path, "Python", "good\n", "bad\n", "good\n")) == [(), ("bad",), ()]
