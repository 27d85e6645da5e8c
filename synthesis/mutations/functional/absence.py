"""What a condition says about a value that may be missing, or a step that may have failed."""

import re

from parsers.syntax import Syntax
from synthesis.mutations import layout, scope

_NULLS = r"(?:null|NULL|nil|None|nullptr|undefined)"
_PATH = r"[\w@$][\w.@$]*(?:->\w+)*(?:\[\w+\])?"
_ABSENT = re.compile(
    rf"(?P<a>{_PATH}) ?(?:===?|is) ?{_NULLS}$|{_NULLS} ===? ?(?P<b>{_PATH})$|(?:! ?|not )(?P<c>{_PATH})$"
    rf"|(?P<d>{_PATH})\.nil\?$|typeof (?P<e>{_PATH}) === ?['\"]undefined['\"]$"
)
_PRESENT = re.compile(
    rf"(?P<a>{_PATH}) ?(?:!==?|is not) ?{_NULLS}$|{_NULLS} !==? ?(?P<b>{_PATH})$|(?P<c>{_PATH})$"
    rf"|!(?P<d>{_PATH})\.nil\?$|typeof (?P<e>{_PATH}) !== ?['\"]undefined['\"]$"
)
_VALUES = scope.kinds(
    "assignment assignment_expression variable_declarator argument_list arguments keyword_argument pair "
    "parenthesized_expression return_statement equals_value_clause argument member_expression call array"
)
_DEFAULTS = scope.kinds(
    "string number integer float list dictionary array hash object simple_symbol template_string true new_expression "
    "tuple arrow_function real_literal integer_literal string_literal"
)
_FAILED = re.compile(
    r"\w*[eE]rr(?:or)?\s*(?:!==?\s*(?:nil|null|NULL|undefined|0)|<\s*0)|err(?:or)?"
    r"|(?:ret|rc|rv|res|result|status|retval|r|err|error)(?:\s*(?:!=|<)\s*0|\s*==\s*-1|\s*<\s*1)?|!\s*(?:ok|success)"
)


def absent(text: str) -> str:
    """The name that a condition tests for holding nothing; empty where it tests something else."""
    return _tested(_ABSENT, text)


def present(text: str) -> str:
    """The name that a condition tests for holding something; empty where it tests something else."""
    return _tested(_PRESENT, text)


def _tested(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(text.strip())
    return "" if match is None else next(name for name in match.groups() if name)


def reads_into(name: str, text: str) -> bool:
    """Whether `text` looks into what `name` holds: a member, an element, a dereference."""
    return (
        re.search(rf"(?<![\w.>@$]){re.escape(name)}(?:\.(?!nil\?)|->|\[|&?\.\w)|\*{re.escape(name)}\b", text)
        is not None
    )


def tests_first(syntax: Syntax, one: layout.Binary) -> bool:
    """Whether the left part of a condition makes sure that there is something for the right part to look into."""
    left, right = syntax.text(one.left), syntax.text(one.right)
    name = present(left) if syntax.text(one.operator) in ("&&", "and") else absent(left)
    return bool(name) and reads_into(name, right)


def falls_back(syntax: Syntax, one: layout.Binary) -> bool:
    """Whether `one` gives its right side for a missing left one, rather than ask for a condition."""
    sign, parent = syntax.text(one.operator), one.node.parent
    if sign == "??":
        return True
    if sign not in ("||", "or") or syntax.language not in ("JavaScript", "Python", "Ruby") or parent is None:
        return False
    value = parent.type in _VALUES and parent.child_by_field_name("condition") is None
    return value and one.left.type in layout.SIMPLE and one.right.type in _DEFAULTS


def failed(text: str) -> bool:
    """Whether a condition asks whether the step before it failed."""
    return _FAILED.fullmatch(text.strip()) is not None
