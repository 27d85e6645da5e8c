"""Every error that Themis raises on purpose.

    ThemisError                 exit code 1
    ├── ConfigError             exit code 2: a wrong key, type, value or file in the user's input
    ├── RunFolderError          exit code 2: the folder is another run's, in use, or not a run
    ├── SourceUnavailable       a public source can't be reached, or is not what was pinned
    ├── ParseRefused            a text is outside the bounds that untrusted input has
    └── CheckFailed             the thing checked does not hold, or rows were lost

A message names the field or file, the value, and the way out. The command line prints the message alone.
"""


class ThemisError(Exception):
    """Base of every error that Themis raises on purpose; `exit_code` is what the command line ends with."""

    exit_code = 1


class ConfigError(ThemisError):
    """The user's configuration or arguments are wrong."""

    exit_code = 2


class RunFolderError(ThemisError):
    """A run's folder can't be used: it belongs to another run, is in use, or is not a run's folder."""

    exit_code = 2


class SourceUnavailable(ThemisError):
    """A source can't be reached, or what came back is not what was pinned."""


class CheckFailed(ThemisError):
    """What was checked does not hold, or rows were lost."""


class ParseRefused(ThemisError):
    """A text is outside the bounds for untrusted input.

    Attributes:
        reason: a drop reason in snake_case, such as `too_large`.
        detail: the measured value and the bound.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
