"""What a stage raises on purpose reaches the caller as it was said, whichever process it was raised in."""

from typing import Any

import apache_beam as beam
import pytest

from pipeline.config import ExecutionOptions, RunConfig
from pipeline.execute import running
from pipeline.sources.files import FilesSource
from schemas.errors import ConfigError, ThemisError
from synthesis.calls import ServerUnavailable

WORKERS = ("--direct_running_mode=multi_processing", "--direct_num_workers=2")


def refuse(kind: Any) -> None:
    """Raise as deep down as a stage would."""
    try:
        raise OSError("no such line")
    except OSError:
        raise kind("paths: 'a' must be a folder.\nName one.") from None


def run(kind: type[Exception], flags: tuple[str, ...]) -> None:
    source = FilesSource(name="none", paths=("none",))
    config = RunConfig(name="x", sources=(source,), train=None, execution=ExecutionOptions(beam_options=flags))
    with running(config) as p:
        _ = p | beam.Create([kind]) | beam.Map(refuse)


@pytest.mark.parametrize("flags", [(), WORKERS], ids=["in process", "two workers"])
@pytest.mark.parametrize("kind", [ConfigError, ServerUnavailable])
def test_what_is_raised_on_purpose_arrives_as_it_was_said(
    kind: type[ThemisError], flags: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(kind) as caught:
        run(kind, flags)
    assert str(caught.value) == "paths: 'a' must be a folder.\nName one."
    assert not (flags and capfd.readouterr().err)


@pytest.mark.parametrize("flags", [(), WORKERS], ids=["in process", "two workers"])
def test_any_other_error_keeps_its_traceback(flags: tuple[str, ...]) -> None:
    with pytest.raises((KeyError, RuntimeError), match="must be a folder") as caught:
        run(KeyError, flags)
    assert not isinstance(caught.value, ThemisError)
