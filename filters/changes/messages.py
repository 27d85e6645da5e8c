"""What a commit's message says, without what tools add to it."""

import re
from functools import lru_cache

_TRAILER = re.compile(
    r"""^(?: [A-Z][A-Za-z]+(?:-[A-Za-z]+)+:[ ].* | (?:cc|bug|change-id|pr-url|refs?|url|link):[ ].*
          | (?:closes|fixes|resolves|see|refs?|issues?|gh|bug)[ :]*(?:[\w./-]*\#\d+|https?://\S+)(?:[ ,;&]|and
          |\#\d+)*\.?
          | git-svn-id:.* | former-commit-id:.* | \(cherry[ ]picked[ ]from.* | --HG--.* | extra[ ]:[ ].*
          )$""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_NOISE = re.compile(
    r"""https?://\S+ | \[(?:ci\ skip|skip\ ci|ci\ ship)\] | \(?\#\d+\)? | \bGH-\d+ | :[a-z0-9_+-]+:
      | \[?\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|refs?|see)\b:?[ ]+(?:issue[ ]+)?[\w./-]*\#\d+\]?""",
    re.VERBOSE | re.IGNORECASE,
)
_PREFIX = re.compile(
    r"""^(?:\[[^\]\n]{1,40}\][ :]* | [-*•]+[ ]*
          | (?!revert|style|lint|wip|merge|format)[a-z]{2,10}(?:\([^()\n]{0,60}\))?!?:[ ]+)""",
    re.VERBOSE,
)


@lru_cache(maxsize=64)
def subject(message: str) -> str:
    """The first line that isn't blank, without issue numbers, addresses, emoji names and marks for build servers."""
    first = message.strip().split("\n", 1)[0]
    return " ".join(_NOISE.sub(" ", first).split())


@lru_cache(maxsize=64)
def bare_subject(message: str) -> str:
    """The subject without a leading tag, bullet or scope (`fix(parser): `); `revert: ` stays."""
    return _PREFIX.sub("", subject(message)).strip()


def plain_subject(message: str) -> str:
    """The bare subject in lower case."""
    return bare_subject(message).lower()


@lru_cache(maxsize=64)
def body(message: str) -> str:
    """What follows the first line, without trailers."""
    rest = message.strip().partition("\n")[2]
    return _TRAILER.sub("", rest).strip()
