"""Operators that leave out what a value has to go through before it is used."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, scope
from synthesis.mutations.functional.common import KEY, called
from synthesis.mutations.functional.uses import is_test, unread
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator

_PURE = re.compile(
    r"(strip|[lr]strip|replace\w*|Replace\w*|trim\w*|Trim\w*|lower|upper|toLowerCase|toUpperCase|ToLower\w*|ToUpper\w*"
    r"|slice|substr|substring|Substring|concat|filter|title|capitalize|normalize|abs|Abs|format|sorted|encode|decode"
    r"|Where|Select|OrderBy|Concat|Skip|Take|Distinct|padStart|padEnd|join|sub|gsub|squeeze|tr|chomp|chop|split|compact"
    r"|uniq|flatten|downcase|upcase|merge|TrimSpace|Clean|Abs|Normalize\w*|normalized?\w*|clamp|expanduser|abspath"
    r"|min|max|Min|Max|floor|round|swapcase|removeprefix|removesuffix|map|reverse|PadLeft|PadRight)"
)
_KEEPS_TYPE = re.compile(
    r"(strip|trim|Trim|lower|upper|toLowerCase|toUpperCase|ToLower|ToUpper|ToLowerInvariant|ToUpperInvariant|TrimSpace|abs"
    r"|Abs|downcase|upcase|chomp|Clean|normalize|trimStart|trimEnd|TrimEnd|TrimStart|rstrip|lstrip|flatten|compact"
    r"|sort|sorted|toLocaleLowerCase|casefold|tolower|toupper|expanduser|realpath|abspath|normpath"
    r"|reverse|reversed|floor|round|ceil|fabs|resolve|squeeze|capitalize)"
)


@operator(KEY, "CWE-252", family="wrong_value")
def result_discarded(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What a call returns is thrown away, so that the value stays as it was."""
    known = scope.variables(syntax, function)
    owners = {n.id for run in layout.sequences(syntax, function.body) for n in run}
    names = {node.id: syntax.text(name) for node, name in called(syntax, function.body)}
    for match in syntax.matches("assignments", function.body):
        node, target, value = match["assignment"][0], match["target"][0], match["value"][0]
        if value.type == "expression_list" and value.named_child_count == 1:
            value = value.named_children[0]
        variable = known.get(syntax.text(target))
        stands = node.id in owners or (node.parent is not None and node.parent.id in owners)
        if variable is None or not stands or "declar" in node.type or not _PURE.fullmatch(names.get(value.id, "-")):
            continue
        sign = syntax.data[target.end_byte : value.start_byte].strip()
        fresh = not variable.parameter and variable.uses[0].start_byte == target.start_byte
        itself = re.search(rf"(?<![\w.@$]){re.escape(variable.name)}\b", syntax.text(value))
        if sign == b"=" and not fresh and itself:
            yield (Edit(target.start_byte, value.start_byte, ""),)


@operator(KEY, "CWE-178", version="2", family="wrong_value")
def conversion_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value is used as it came, without the conversion, ordering or clean-up that it needs."""
    for node, name in called(syntax, function.body):
        text = syntax.text(name)
        if not _KEEPS_TYPE.fullmatch(text) or (node.parent is not None and node.parent.type in _ALONE):
            continue
        function_name = node.child_by_field_name("function")
        receiver = node.child_by_field_name("receiver") or node.child_by_field_name("object")
        if receiver is None and function_name is not None:
            receiver = next(
                (function_name.child_by_field_name(f) for f in _OBJECTS if function_name.child_by_field_name(f)), None
            )
        arguments = node.child_by_field_name("arguments")
        passed = arguments.named_children if arguments is not None else []
        library = receiver is None or _LIBRARY.fullmatch(syntax.text(receiver)) is not None
        inner = passed[0] if library and len(passed) == 1 else receiver if not library and not passed else None
        if inner is None or inner.type in ("keyword_argument", "list_splat", "spread_element"):
            continue
        if (
            text in ("round", "floor", "ceil", "resolve", "normalize", "reverse", "sort")
            and syntax.language in scope.STATIC
        ):
            continue  # these may change the type there
        value, parent = syntax.text(inner), node.parent
        given = parent.child_by_field_name("left") or parent.child_by_field_name("name") if parent is not None else None
        bare = receiver is None and text not in _BUILT_IN
        if bare or (given is not None and syntax.text(given) == value):
            continue
        tight = parent is not None and re.search(
            r"binary|member|unary|field|attribute|call$|comparison|access", parent.type
        )
        if unread(syntax, function, name.parent or name):
            continue
        simple = not tight or inner.type in layout.SIMPLE or inner.type in ("argument", "string", "string_literal")
        yield (replace(node, value if simple else f"({value})"),)


_BUILT_IN = scope.kinds("abs fabs labs sorted reversed round tolower toupper")
_ALONE = scope.kinds("expression_statement body_statement block_body then else statement_block block do")
_OBJECTS = ("object", "operand", "argument", "expression", "value")
_LIBRARY = re.compile(r"strings|bytes|path|filepath|math|Math|std|os\.path|np|_|MathF|System\.Math")


@operator(KEY, "CWE-573", ("Java", "C#", "JavaScript", "Ruby", "Python", "C++"), version="2", family="statement")
def chain_step_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """One step of a chain of calls is left out."""
    if is_test(function):
        return
    for node, name in called(syntax, function.body):
        outer = node.parent
        while outer is not None and outer.type in _LINKS and outer.start_byte == node.start_byte:
            outer = outer.parent
        followed = syntax.data[node.end_byte :].lstrip().startswith((b".", b"?."))
        start = name.start_byte - 1
        first, last = layout.line_start(syntax.data, start), layout.line_end(syntax.data, node.end_byte)
        line = syntax.data[first:last].decode("utf-8", "replace").strip()
        text = syntax.text(name)
        whole = syntax.data[first : node.end_byte].decode("utf-8", "replace").strip()
        if not followed or not line.startswith(f".{text}") or not whole.startswith(f".{text}") or node.end_byte != last:
            continue
        if _fluent(syntax, node, text):
            yield (Edit(layout.break_before(syntax.data, first), last, ""),)


_LINKS = scope.kinds("member_expression call_expression attribute call field_access member_access_expression")
_FREE = re.compile(
    r"(?i)(filter|where|distinct|sort\w*|order\w*|limit|skip|peek|uniq|compact|reject|select|reverse|with\w+)"
)


def _fluent(syntax: Syntax, node: Node, text: str) -> bool:
    """Whether a chain goes on with the same kind of object after this step."""
    if text[:1].isupper() and syntax.language == "C#" and text.startswith(("Select", "GroupBy", "Cast", "OfType")):
        return False
    if _FREE.fullmatch(text) and not (syntax.language in ("Java", "C#", "C++") and text.startswith("select")):
        return True
    if syntax.language in scope.STATIC and re.match(r"(?i)map|flat|cast|select|group|then|boxed|collect", text):
        return False
    start, end = node.start_byte, layout.line_end(syntax.data, node.end_byte)
    chain = syntax.data[start : syntax.data.find(b";", end) if b";" in syntax.data[end:] else end].decode(
        "utf-8", "replace"
    )
    return len(re.findall(rf"\.{re.escape(text)}\(", chain)) > 1
