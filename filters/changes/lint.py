"""Lint: subjects that answer a compiler's or a checker's warning, or a style rule."""

import re
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.messages import plain_subject
from parsers.edits import Edit
from schemas.records import Change

_TOOLS = (
    r"(?:lint(?:er|ers|ing|s)?|pylint|flake8|pyflakes|pep-?8|pep-?257|eslint|jshint|jslint|jscs|tslint|prettier|"
    r"standardjs|rubocop|checkstyle|pmd|findbugs|spotbugs|spotless|errorprone|error-prone|"
    r"sonar(?:qube|cloud|lint)?|stylecop|resharper|clang-(?:format|tidy)|clang[ ]format|astyle|uncrustify|"
    r"gofmt|goimports|golint|golangci(?:-lint)?|go[ ]vet|govet|staticcheck|cpplint|cppcheck|coverity|checksrc|"
    r"codespell|(?:run|with|by|apply)[ ]black|isort|yapf|ruff|mypy|codacy|lgtm|codeql|deepsource|gosec|"
    r"gocritic|semgrep)"
)
_SUBJECT = re.compile(
    rf"""\b{_TOOLS}\b
      | \b(?:compil(?:er|ation|e|ing)|build(?:ing)?|gcc|g\+\+|clang|msvc|vc\+*\d*|icc|picky|conversion|sign(?:ed)?
      |unused
          |narrowing|shadow\w*|static[ ]analy\w+|analyzer|javac|cast(?:ing)?|-w\w[\w-]*|(?:un)?initiali[sz]ed
          |generics?|type
          |rawtypes?|lint|unreachable|size|pointer|syntax|ruby|xcode|visual[ ]studio|vs|some|minor|few|a|all|more
          |another
          |two|new|on)[ ]warnings?\b
      | \b(?:fix|fixes|fixed|fixing|silence[sd]?|suppress\w*|remove[sd]?|avoid(?:s|ed)?|quiet|shut[ ]up|eliminat\w+|kill
          |prevent) [ ](?:[\w'"/.+-]+[ ]){{0,3}}warnings?\b
      | ^(?:style|lint|format)(?:\([^()]{{0,60}}\))?: | ^warnings?\b | [ ]-w[a-z]+(?:-[a-z]+)+
      | \b(?:code[ ]?style|coding[ ]style|style[ ](?:fix|nit|cleanup|change|guide|issue)\w*|stylistic|re-?format(?:ted
      |ting|s)?
          |re-?indent(?:ed|ing|ation)?|nits?)\b
      | \b(?:white[- ]?spaces?|indent(?:ation|ing)?|formatting)[ ](?:fix|change|clean|nit|tweak|error|issue|only)\w*
      | ^(?:(?:fix(?:e[sd])?|correct(?:ed)?|minor|adjust|clean(?:ed)?(?:[ ]up)?|more|some|code|changed?|improved?
      |remove[sd]?
          |trim(?:med)?|strip(?:ped)?|extra|trailing)[ ])*
        (?:style|styling|format(?:ting)?|indent(?:s|ation|ing)?|layout|white[- ]?spaces?|blank[ ]lines?|tabs)\.?$""",
    re.VERBOSE,
)


class Lint(ChangeFilter):
    """Changes made to silence a tool or to follow a format."""

    kind: Literal["lint"] = "lint"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`lint` by the subject."""
        found = _SUBJECT.search(plain_subject(change.message))
        return Refusal("lint", f"subject says {found[0][:80]!r}") if found else None
