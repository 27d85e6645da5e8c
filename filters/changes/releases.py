"""Releases: version bumps, release commits and changelogs."""

import re
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.messages import plain_subject
from parsers.edits import Edit
from schemas.records import Change

_SUBJECT = re.compile(
    r"""^(?:(?:auto[- ]?)?bump(?:ed|ing|s)?|upgraded?|updated?|increment(?:ed)?|change[ds]?|set|prepare[ds]?|preparing)
          [ ](?:[\w.-]+[ ]){0,2}versions?(?:[ ](?:number|string|info))?(?:$|[ ](?:to|for|from|in)\b|[ ]v?\d)
      | ^(?:bump(?:ed|ing|s)?|prepare[ds]?|preparing|prep|start|tag|tagging|cut|begin)[ ](?:for[ ])?(?:the[ ]|a[ ]
      |next[ ]|new[ ]){0,2}
          (?:v?\d|release|development[ ]version|next[ ]development)
      | ^bump(?:ed|ing|s)?[ ](?:\S+[ ]){1,3}(?:to[ ])?v?\d+\.\d
      | ^(?:release|releasing|released|rel|version|ver)\b[ :]*v?\d | ^v?\d+\.\d+[\w.+-]*(?:[ ](?:release|rc|version
      |beta|alpha|final|dev).*)?$
      | ^post[- ]release | ^release$ | ^(?:re)?builds?\.?$ | \brelease[ ]candidate\b | \bchange[- ]?log\b
      | ^(?:update[ds]?[ ])?(?:news|history|authors)$ | \bcopyright[ ](?:year|date|notice|header)s?
      | ^(?:update[ds]?[ ])?copyrights?$
      | ^happy[ ]new[ ]year""",
    re.VERBOSE,
)


class Releases(ChangeFilter):
    """Changes whose subject announces a version, a dependency's version, or a changelog."""

    kind: Literal["release"] = "release"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`release` by the subject."""
        found = _SUBJECT.search(plain_subject(change.message))
        return Refusal("release", f"subject says {found[0][:80]!r}") if found else None
