"""Exit codes: 2 for what the user gave, 1 for what does not hold."""

import pytest

from schemas import errors
from schemas.errors import CheckFailed, ConfigError, ParseRefused, RunFolderError, SourceUnavailable, ThemisError


@pytest.mark.parametrize(
    ("kind", "code"),
    [(ThemisError, 1), (ConfigError, 2), (RunFolderError, 2), (SourceUnavailable, 1), (CheckFailed, 1)],
)
def test_exit_codes(kind: type[ThemisError], code: int) -> None:
    assert kind("what, and the way out").exit_code == code


def test_every_error_is_of_the_family_and_in_its_docstring() -> None:
    kinds = [value for value in vars(errors).values() if isinstance(value, type)]
    assert len(kinds) == 6
    for kind in kinds:
        assert issubclass(kind, ThemisError)
        assert kind.__name__ in (errors.__doc__ or "")


def test_a_refused_text_says_the_reason_and_the_measure() -> None:
    refused = ParseRefused("too_large", "2 bytes, at most 1")
    assert (refused.reason, refused.detail, refused.exit_code) == ("too_large", "2 bytes, at most 1", 1)
    assert str(refused) == "too_large: 2 bytes, at most 1"
