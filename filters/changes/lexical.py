"""Cheap guesses at what an edit leaves untouched, so that trees are only grown where they can tell more.

A guess errs to `maybe`: a mark inside a string can make code look like a comment, and then the tree decides.
"""

import re

from parsers.edits import Edit
from parsers.language import languages

_STRING = r"""(?P<keep>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`)"""
_SLASH = re.compile(_STRING + r"|/\*.*?(?:\*/|\Z)|//[^\n]*|^\s*\*[^\n]*", re.DOTALL | re.MULTILINE)
_HASH = re.compile(
    r"""\"\"\".*?(?:\"\"\"|\Z)|\'\'\'.*?(?:\'\'\'|\Z)|^\s*[rRuU]?(?:"[^"\n]*"|'[^'\n]*')\s*$|"""
    + _STRING
    + r"|^=begin\b.*?(?:^=end\b|\Z)|\#[^\n]*",
    re.DOTALL | re.MULTILINE,
)
_QUOTED = re.compile(_STRING)
_IMPORT = re.compile(
    r"""^\s*(?: (?:import|from|using|global\ using|extern\ alias|include|require|require_relative|load|autoload
          |package|export)\b
        | \#\s*(?:include|import|if|ifdef|ifndef|endif)\b | @?import\b | (?:const|let|var)\b.*\brequire\s*\(
        | .*\brequire\s*\(
        | [\w\s.,*{}()'"`/@\\-]*$ )""",
    re.VERBOSE,
)
_OPEN = {"//": (("/*", "*/"),), "#": (('"' * 3, '"' * 3), ("'" * 3, "'" * 3), ("\n=begin", "\n=end"))}


def same_without_space(edit: Edit) -> bool:
    """Whether the lines that differ are one text when white space is taken out."""
    return _dense(edit.removed) == _dense(edit.added)


def maybe_comments_only(edit: Edit) -> bool:
    """Whether what differs may be comments, docstrings and white space alone."""
    mark = languages()[edit.language].line_comment
    before, after = _windows(edit)
    head = "\n" + "\n".join(edit.before_lines[: edit.hunks[0].before[0]]) if edit.hunks else ""
    for prefix in ("", *_open_marks(head, mark)):
        if _dense([_code(prefix + before, mark)]) == _dense([_code(prefix + after, mark)]):
            return True
    return False


def maybe_imports_only(edit: Edit) -> bool:
    """Whether what differs may be imports, comments, docstrings and white space alone."""
    return _rest(edit, edit.removed) == _rest(edit, edit.added)


def maybe_strings_only(edit: Edit) -> bool:
    """Whether what differs may be strings, comments and white space alone."""
    mark = languages()[edit.language].line_comment
    old, new = (_QUOTED.sub('""', _code("\n".join(lines), mark)) for lines in (edit.removed, edit.added))
    return _dense([old]) == _dense([new])


def _rest(edit: Edit, lines: list[str]) -> str:
    """What no import line and no comment could hold."""
    code = _code("\n".join(lines), languages()[edit.language].line_comment)
    return _dense([line for line in code.split("\n") if not _IMPORT.search(line)])


def _windows(edit: Edit) -> tuple[str, str]:
    """Both texts from the first line that differs to the last."""
    if not edit.hunks:
        return "", ""
    first, last = edit.hunks[0], edit.hunks[-1]
    before = edit.before_lines[first.before[0] : last.before[1]]
    return "\n".join(before), "\n".join(edit.after_lines[first.after[0] : last.after[1]])


def _open_marks(head: str, mark: str) -> list[str]:
    """Marks of comments that may have begun in `head` and not ended."""
    found = []
    for start, end in _OPEN.get(mark, ()):
        if start == end:
            found += [start] if head.count(start) % 2 else []
        elif head.rfind(start) > head.rfind(end):
            found.append(start.strip() + "\n")
    return found


def _code(text: str, mark: str) -> str:
    """`text` without what looks like a comment or a docstring."""
    if mark == "//" and text.startswith("/*"):
        end = text.find("*/")
        text = text[end + 2 :] if end >= 0 else ""
    pattern = _HASH if mark == "#" else _SLASH
    return pattern.sub(lambda found: found["keep"] or " ", text)


def _dense(lines: list[str]) -> str:
    return "".join("".join(lines).split())
