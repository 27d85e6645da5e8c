"""Defects by which something gets out that should not: secrets in logs, errors' inner text, cookies."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.security import forms, messages
from synthesis.mutations.security.places import CRITERION, SECRET, calls, literal, replaced, rewrites
from synthesis.mutations.security.weakened import pick
from synthesis.mutations.trials import is_test

_INTERNAL = re.compile(r"(?i)internal|error|fail|wrong|unexpected|problem|invalid|bad request|unable|could not")
_ANSWERS = re.compile(
    r"(?i)^(?:.*\.)?(?:http\.Error|send(?:_?error|status)?|json|end|write|render\w*|respond\w*|Response|abort|sendError"
    r"|status|StatusCode|Problem|BadRequest|halt|make_response|write_error|reply|AbortWithError|String|JSON)$"
)
_CAUGHT = re.compile(r"(?:\bas (\w+)\s*:|catch \((?:[\w.|: &]+[ &])?(\w+)\)|=> *(\w+)|\b(err)\b)")
_TEXT_OF = {
    "Python": "str({0})", "JavaScript": "{0}.stack", "Ruby": "{0}.full_message", "Java": "{0}.toString()",
    "C#": "{0}.ToString()", "Go": "{0}.Error()", "C++": "{0}.what()",
}  # fmt: skip


def _first(syntax: Syntax, function: Function) -> Node | None:
    found = text.inner(function.body)
    if found and syntax.nodes("docstrings", "docstring", function.node):
        found = found[1:]
    if found and re.match(r"(?:super|this|base)\b\s*\(", syntax.text(found[0])):
        found = found[1:]
    return found[0] if found and text.owns_lines(syntax, found[0]) else None


@operator(CRITERION, "CWE-532: sensitive information in a log", version="3", family="exposure")
def secret_logged(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A password, token or other secret is written to the log."""
    first = _first(syntax, function)
    if first is None or function.body.type not in text.BLOCKS or is_test(syntax, function):
        return
    for name in text.parameters(syntax, function):
        plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        if not SECRET.search(plain) or not text.uses(syntax, function.body, name):
            continue
        declared = text.parameter_type(syntax, function, name)
        about = re.search(
            r"(?i)auth|login|sign_?in|session|csrf|bearer|access|credential|api", function.name + function.doc
        )
        if plain == "token" and not about:
            continue
        head = syntax.data[function.node.start_byte : function.body.start_byte].decode("utf-8", "replace")
        switch = re.search(rf"\b{re.escape(name)}\b(?:: ?bool)?(?: ?= ?|: )(?:True|False|true|false)\b", head)
        typed = re.search(rf"\b{re.escape(name)} ?: ?([^=\n]+)", head) if syntax.language == "Python" else None
        declared = typed[1] if typed else "" if syntax.language == "Python" else declared
        if switch or not _holds_text(syntax.language, declared, plain):
            continue
        form = pick(messages.LOGS[syntax.language], function.name + name)
        line = form.format(name, function.name.split(":")[-1].split(".")[-1])
        if syntax.language == "JavaScript" and not syntax.text(first).endswith((";", "}")):
            line = line.rstrip(";")
        yield (Edit(first.start_byte, first.start_byte, line + "\n" + text.indent(syntax, first)),)
        return


def _holds_text(language: str, declared: str, name: str) -> bool:
    """Whether a parameter of this type holds the secret itself, not a parser's token or a store of secrets."""
    if language in ("C", "C++") and re.search(r"\*\s*\*", declared):
        return False
    if language in ("C", "C++"):
        return re.search(r"\bchar\b.*\*|string", declared) is not None
    if language in ("Java", "C#"):
        return re.fullmatch(r"(?:final )?(?:@\w+ )?(?:[sS]tring|CharSequence)\??", declared) is not None
    if language == "Go":
        return declared in ("string", "[]byte")
    return not declared or language != "Python" or re.search(r"\b(?:str|bytes|AnyStr)\b", declared) is not None


@operator(CRITERION, "CWE-209: error message with sensitive information", family="exposure")
def error_detail_answered(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The inner text of an error is sent to whoever asked, where a plain message was sent."""
    form = _TEXT_OF.get(syntax.language)
    for call in calls(syntax, function):
        caught = _caught(syntax, function, call.node)
        if form is None or caught is None or not _ANSWERS.match(call.callee):
            continue
        for given in call.arguments:
            inside = literal(syntax, given)
            if inside is not None and _INTERNAL.search(inside) and " " in inside:
                yield (replaced(given, form.format(caught)),)


def _caught(syntax: Syntax, function: Function, node: Node) -> str | None:
    """The name of the error that the handler around `node` has caught."""
    outer = node.parent
    while outer is not None and outer != function.body:
        if outer.type in ("except_clause", "catch_clause", "rescue"):
            match = _CAUGHT.search(syntax.text(outer).split("\n")[0])
            return next((part for part in match.groups()[:3] if part), None) if match else None
        if syntax.language == "Go" and outer.type == "if_statement":
            condition = outer.child_by_field_name("condition")
            if condition is not None and syntax.text(condition) == "err != nil":
                return "err"
        outer = outer.parent
    return None


@operator(CRITERION, "CWE-1004, CWE-614, CWE-1275: cookie without its protecting flags", family="exposure")
def cookie_flag_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A cookie lacks a flag that keeps it from scripts, from plain connections or from other sites."""
    if re.search(r"(?i)cookie", syntax.text(function.node)):
        yield from rewrites(syntax, function, forms.COOKIES)


@operator(CRITERION, "CWE-495, CWE-496, CWE-374: inner state handed out", version="2", family="exposure")
def inner_state_shared(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A caller gets hold of an object's own state, where it got a copy or a view that it could not change."""
    head = syntax.data[function.node.start_byte : function.body.start_byte].decode("utf-8", "replace")
    if syntax.language == "C#" and not re.search(r"\bI(?:Enumerable|ReadOnly\w+|Collection|List)<", head):
        return
    body = syntax.text(function.body)
    for site in rewrites(syntax, function, forms.COPIES):
        kept = re.search(r"^return (\w+);$", site[0].text)
        own = kept and re.search(rf"\b\w[\w<>, ]* {kept[1]} = new ", body)
        if not own:
            yield site
