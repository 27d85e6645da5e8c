"""Operators that do not handle a failure."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.functional.absence import failed
from synthesis.mutations.functional.common import KEY, found, gives_object, gone, left_unset
from synthesis.mutations.functional.uses import unread
from synthesis.mutations.layout import If, replace
from synthesis.mutations.operator import Edit, Site, operator

_HANDLERS = scope.kinds("except_clause catch_clause rescue")
_RAISES = ("raise", "throw", "fail")
_DOES = re.compile(
    r"(?i)(?:^|_|\b)(read|write|init|open|close|create|alloc|parse|load|save|send|recv|receive|set|put|add|register"
    r"|connect|bind|mkdir|mk|delete|remove|update|try|start|flush|seek|ensure|push|insert|append|copy|grow|resize|reserve"
    r"|acquire|attach|apply|prepare|setup|decode|encode|advance|next|step|process|handle|run|exec|fetch|resolve|enable"
    r"|submit|expand|extract|decompress|compress|print|emit|configure|map|lock|mount|load|reset|install|transfer)"
)


_PASSED_ON = re.compile(
    r"goto |throw |return\s*(?:\(?(?:-?\w*(?:err|ERR|E[A-Z]{3,})\w*|-\d+|ret|rc|rv|res|r|result|status|retval|NULL"
    r"|nullptr|false|\w+\((?:err|error|e)\))\)?)?;?$"
)
"""What a branch does that hands a failure on to the caller."""


def _guards(syntax: Syntax, function: Function) -> Iterator[tuple[If, list[Node], str]]:
    """Conditions without an else whose branch leaves: (the condition, its statements, what it tests)."""
    conditions = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    for run in layout.sequences(syntax, function.body):
        for node in run[:-1]:
            one = conditions.get(node.id)
            if one is None or one.alternative is not None:
                continue
            inside = layout.branch(syntax, one.consequence)
            if 0 < len(inside) <= 3 and layout.exits(syntax, inside[-1]):
                yield one, inside, syntax.text(layout.core(one.condition) or one.condition)


@operator(KEY, "CWE-252", version="2", family="unusual_case")
def error_ignored(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A step may fail, and the code goes on as if it had worked."""
    for one, inside, text in _guards(syntax, function):
        call = _checked_call(syntax, one)
        if call is not None and syntax.text(inside[-1]).rstrip(";") != "return":
            yield (replace(one.node, syntax.text(call) + layout.ending(syntax)),)
        elif syntax.language == "Go" and failed(text) and not re.search(r"\berr error\)", function.signature):
            yield from _blank(syntax, function, one, text)
        elif (
            failed(text) and syntax.language in ("C", "C++", "JavaScript") and _PASSED_ON.match(syntax.text(inside[-1]))
        ):
            edit, after = gone(syntax, one.node), one.node.next_named_sibling
            name = re.match(r"\w+", text)
            told = name is not None and after is not None and re.search(rf"\b{name[0]}\b", syntax.text(after))
            if edit is not None and not (told and after is not None and layout.exits(syntax, after)):
                yield (edit,)


def _checked_call(syntax: Syntax, one: If) -> Node | None:
    """The call whose failure is all that a condition asks for, where it is made for its effect."""
    condition = layout.core(one.condition)
    if condition is None or syntax.language in ("Python", "Ruby"):
        return None
    initializer = one.node.child_by_field_name("initializer")
    if initializer is not None:
        value = initializer.child_by_field_name("right")
        target = initializer.child_by_field_name("left")
        named = target is not None and syntax.text(target) in ("err", "_, err")
        calls = [] if value is None else [c for c in value.named_children if c.type == "call_expression"]
        return calls[0] if named and calls and failed(syntax.text(condition)) else None
    inner = layout.operand(condition)
    for side in layout.binaries(syntax, condition):
        if side.node.id == condition.id and re.fullmatch(r"-?[01]|NULL|[A-Z]+_?OK", syntax.text(side.right)):
            inner = side.left if syntax.text(side.operator) in ("<", "!=") else None
    if inner is None or inner.type not in ("call_expression", "invocation_expression", "method_invocation"):
        return None
    callee = inner.child_by_field_name("function") or inner.child_by_field_name("name")
    name = re.split(r"\W+", syntax.text(callee))[-1] if callee is not None else ""
    return (
        inner
        if _DOES.match(name) or re.search(r"_(init|read|write|alloc|add|set|load|open|parse|send)\b", name)
        else None
    )


def _blank(syntax: Syntax, function: Function, one: If, text: str) -> Iterator[Site]:
    """Drop the check of a Go error; the variable becomes the blank one where nothing else reads it."""
    edit = gone(syntax, one.node)
    if edit is None or one.node.child_by_field_name("initializer") is not None:
        return
    if not unread(syntax, function, one.node):
        yield (edit,)
        return
    name, before = text.split(" ")[0], one.node.prev_named_sibling
    if before is None or before.type not in ("short_var_declaration", "assignment_statement"):
        return
    left = before.child_by_field_name("left")
    targets = left.named_children if left is not None else []
    last = targets[-1] if targets else None
    rest = syntax.text(function.body).replace(syntax.text(one.node), "").replace(syntax.text(before), "")
    if last is None or syntax.text(last) != name or re.search(rf"\b{re.escape(name)}\b", rest):
        return
    others = [syntax.text(target) for target in targets[:-1]]
    if others and any(other != "_" for other in others):
        yield (replace(last, "_"), edit)
    elif not others and before.type == "short_var_declaration" and left is not None:
        value = before.child_by_field_name("right")
        if value is not None:
            yield (Edit(left.start_byte, value.start_byte, ""), edit)


@operator(KEY, "CWE-390", version="3", family="unusual_case")
def error_swallowed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A failure is noticed and then not passed on."""
    last_ids = {run[-1].id for run in layout.sequences(syntax, function.body)}
    for node in found(function.body, _HANDLERS):
        static = syntax.language in scope.STATIC
        valued = static and not re.search(r"\bvoid\s|\bTask\s+\w", function.signature)
        if valued and node.parent is not None and node.parent.id in last_ids:
            yield from _nothing_returned(syntax, function, node)
            continue  # the function might end without the value that it has to return
        for run in layout.sequences(syntax, node):
            last = run[-1]
            if not syntax.text(last).startswith(_RAISES) or (len(run) == 1 and not _whole(node, last)):
                continue
            if static and node.parent is not None and left_unset(syntax, function, node.parent):
                continue
            if len(run) == 1 and syntax.language == "Python":
                yield (replace(last, "pass"),)
            elif (edit := gone(syntax, last)) is not None:
                yield (edit,)
    yield from _success_returned(syntax, function)


def _whole(handler: Node, statement: Node) -> bool:
    """Whether a handler has nothing but this statement, so that it may stand empty."""
    block = statement.parent
    while block is not None and block.parent is not None and block.parent.id != handler.id:
        if block.type not in ("statement_list", "then", "block", "body_statement"):
            return False
        block = block.parent
    return block is not None


def _nothing_returned(syntax: Syntax, function: Function, handler: Node) -> Iterator[Site]:
    """Return nothing where a handler throws at the end of a function that gives an object."""
    if not gives_object(syntax, function):
        return
    for run in layout.sequences(syntax, handler):
        block = run[-1].parent
        outer = block.parent if block is not None else None
        if run[-1].type == "throw_statement" and outer is not None and outer.id == handler.id:
            yield (replace(run[-1], "return null;"),)


def _success_returned(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Report success where a failed step is noticed: nil for the error, 0 for the code, nothing for the callback."""
    zero = any(syntax.text(node) == "return 0;" for node, _ in walk(function.body) if node.type == "return_statement")
    for _, inside, text in _guards(syntax, function):
        last, said = inside[-1], syntax.text(inside[-1])
        if not failed(text):
            continue
        gone = _GO_ERROR.fullmatch(said) if syntax.language == "Go" and re.match(r"err\b", text) else None
        told = _CALLBACK.fullmatch(said) if syntax.language == "JavaScript" else None
        if gone is not None:
            yield (replace(last, gone[1] + "nil"),)
        elif syntax.language in ("C", "C++") and zero and _CODE.fullmatch(said):
            yield (replace(last, "return 0;"),)
        elif told is not None:
            yield (replace(last, said.replace(f"({told[1]})", "()")),)


_GO_ERROR = re.compile(r"(return (?:.*, )?)(?:err|fmt\.Errorf\(.*\)|errors\.\w+\(.*\))")
_CODE = re.compile(r"return \(?(?:-\w+|ret|rc|err|error|r|res|rv|status)\)?;")
_CALLBACK = re.compile(r"(?:return )?(?:callback|cb|done|next|reject|fn|iterCb)\((err|error|e)\);?")
