"""A wrong configuration ends in one clear error: the field, the value, the way out."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, ValidationError

from schemas.config import Options, read_yaml, validate
from schemas.errors import ConfigError


class Inner(Options):
    share: float = Field(default=0.5, ge=0, le=1)


class Outer(Options):
    name: str
    count: int = 3
    inner: Inner = Inner()
    words: tuple[str, ...] = ()


def error_of(value: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        validate(Outer, value, "run.yaml")
    return str(caught.value)


def test_a_good_mapping_becomes_frozen_options() -> None:
    made = validate(Outer, {"name": "a", "inner": {"share": 1}, "words": ["x", "y"]}, "run.yaml")
    assert made == Outer(name="a", inner=Inner(share=1.0), words=("x", "y"))
    with pytest.raises(ValidationError, match="frozen"):
        made.count = 4


def test_an_unknown_key_is_named_with_the_way_out() -> None:
    message = error_of({"name": "a", "inner": {"shares": 1}})
    assert message == "run.yaml: inner.shares: unknown key; remove it, or see `themis init` for the keys there are"


@pytest.mark.parametrize(
    ("value", "field", "given"),
    [
        ({"name": 3}, "name", "got 3"),
        ({"name": "a", "count": "many"}, "count", "got 'many'"),
        ({"name": "a", "count": "3"}, "count", "got '3'"),
        ({"name": "a", "count": True}, "count", "got True"),
        ({"name": "a", "inner": {"share": 1.5}}, "inner.share", "got 1.5"),
        ({"name": "a", "words": ["x", 1]}, "words.1", "got 1"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_given(value: Any, field: str, given: str) -> None:
    message = error_of(value)
    assert message.startswith(f"run.yaml: {field}: Input should be")
    assert message.endswith(given)


def test_every_wrong_field_has_its_line() -> None:
    lines = error_of({"count": "x", "colour": 1}).split("\n")
    assert [line.split(": ")[1] for line in lines] == ["name", "count", "colour"]
    assert lines[0] == "run.yaml: name: Field required"


def test_no_mapping_at_all_is_named_as_the_top_level() -> None:
    assert error_of([1]).startswith("run.yaml: (top level): ")


def test_yaml_is_read_as_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("name: größe\ninner: {share: 0.25}\n", encoding="utf-8")
    assert read_yaml(path) == {"name": "größe", "inner": {"share": 0.25}}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"- a\n- b\n", "holds list, must be a mapping of sections"),
        (b"", "holds NoneType, must be a mapping of sections"),
        (b"a: [1\n", "not valid YAML: "),
        (b"a: !!python/object/apply:os.getcwd []\n", "not valid YAML: could not determine a constructor"),
        (b"a: \xff\n", "can't be read: "),
    ],
)
def test_what_is_no_mapping_is_refused(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    assert str(caught.value).startswith(f"{path}: {expected}")


def test_a_missing_file_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.yaml: no such file\. `themis init` writes one"):
        read_yaml(tmp_path / "absent.yaml")
    with pytest.raises(ConfigError, match="can't be read"):
        read_yaml(tmp_path)
