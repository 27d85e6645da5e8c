import pytest

from filters.changes.documents import Documents
from filters.changes.identical import IdenticalSides
from filters.changes.size import Size
from filters.changes.versions import Versions
from tests.filters.changes.planted import BEFORE, change, reason, refusal


def lines(count, mark="x"):
    return "".join(f"{mark}{at} = {at}\n" for at in range(count))


def test_many_lines():
    base = lines(200)
    assert reason(Size(), change(before=base, after=base + lines(100, "y"))) is None
    many = change(before=base, after=base + lines(101, "y"))
    assert refusal(Size(), many) == ("many_lines", "101 lines removed or added, at most 100")
    assert reason(Size(max_lines=101), many) is None
    assert reason(Size(), change(before=base, after=base + "\n" * 200 + "z = 1\n")) is None


def test_many_places():
    base = lines(200)
    edited = base
    for at in range(0, 130, 10):
        edited = edited.replace(f"x{at} = {at}\n", f"x{at} = -{at}\n")
    assert refusal(Size(), change(before=base, after=edited)) == ("many_places", "13 places, at most 12")
    assert reason(Size(max_hunks=13), change(before=base, after=edited)) is None
    assert (
        reason(Size(), change(before=base, after=base.replace(" = ", "  = ").replace("x1  =", "y1  =")))
        != "many_places"
    )


def test_places_of_white_space_alone_are_not_counted():
    base = lines(50)
    spaced = base
    for at in range(0, 26, 2):
        spaced = spaced.replace(f"x{at} = {at}\n", f"x{at} =  {at}\n")
    assert reason(Size(), change(before=base, after=spaced.replace("x40 =", "y40 ="))) is None


def test_no_code_line():
    assert reason(Size(), change(before=BEFORE, after=BEFORE + "\n\n")) == "no_edit"
    assert reason(Size(), change(before=BEFORE, after=BEFORE)) == "no_edit"
    assert reason(Size(min_lines=3), change(before=BEFORE, after=BEFORE + "a = 1\nb = 2\n")) == "no_edit"


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [
        ("lib/mail/version.rb", "  PATCH = 1\n  BUILD = nil\n", "  PATCH = 2\n  BUILD = nil\n", "version_bump"),
        ("src/x.py", '__version__ = "1.2"\n', '__version__ = "1.3.0rc1"\n', "version_bump"),
        ("Properties/AssemblyInfo.cs", '[assembly: X("1.0.0.0")]\n', '[assembly: X("1.0.1.0")]\n', "version_bump"),
        ("include/curl/curlver.h", "#define V_NUM 0x070a01\n", "#define V_NUM 0x070a02\n", None),
        ("src/retry.py", "retries = 3\n", "retries = 5\n", None),
        ("src/version.py", "x = 1\n", "x = 1\ny = 2\n", None),
        ("src/version.py", "x = f(1)\n", "x = g(1)\n", None),
        ("src/gate.py", "if version > 3:\n", "if version >= 3:\n", None),
    ],
)
def test_versions(path, before, after, expected):
    assert reason(Versions(), change(path=path, before=before, after=after)) == expected


def test_version_files_whatever_they_do():
    planted = change(path="src/version.py", before="x = f(1)\n", after="x = g(1)\n")
    assert reason(Versions(files=True), planted) == "version_file"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a = 1\nb = 2\n", "a = 1\r\nb = 2\r\n", "identical"),
        ("a = 1  \n", "a = 1\n", "identical"),
        ("\ufeffa = 1\n", "a = 1\n", "identical"),
        ("a = 'é'\n", "a = 'e\u0301'\n", "identical"),
        ("a = 1\n", "a = 1\n", "identical"),
        ("a = 1\nb = 2\nc = 3\n", "b = 2\nc = 3\na = 1\n", None),
        ("if a:\n    b\n", "if a:\n  b\n", None),
        ("a = 1\n", "a = 2\n", None),
    ],
)
def test_identical(before, after, expected):
    assert reason(IdenticalSides(), change(before=before, after=after)) == expected


def test_documentation_subjects():
    commented = BEFORE.replace("    s = 0\n", "    s = 0  # the sum\n")
    assert reason(Documents(), change("Add a comment", after=commented)) == "documentation_subject"
    assert reason(Documents(), change("Add a note", after=commented)) is None
    assert reason(Documents(), change("Ignore comments in lists")) is None
