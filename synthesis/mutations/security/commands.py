"""Defects by which an argument of a query or a command becomes part of its text."""

import re
from collections.abc import Callable, Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.security.places import (
    CRITERION,
    Call,
    calls,
    deletion,
    is_literal,
    literal,
    replaced,
    statement_of,
)
from synthesis.mutations.trials import is_test

_SQL = re.compile(
    r"(?i)^\s*(?:select|insert|update|delete|replace|with|call|alter|create|drop|merge|pragma)\b|\bwhere\b|"
    r"[=<>]\s*(?:\?|%s|\$1|@\w)"
)
_HOLE = re.compile(r"'?(?:\?|%s|\$\d+)'?")
_NAMED_HOLE = re.compile(r"(?<!@)@(\w+)")
_ASKS = re.compile(
    r"(?i)^(?:execute\w*|exec|execContext|query\w*|select|where|find_by_sql|prepare\w*|raw|order|having|"
    r"sanitize_sql\w*)$"
)
_SIMPLE = re.compile(r"[\w.]+(?:\[\w+\])?|[\w.]+\([\w., ]*\)|@\w+")
_JAVA_SET = re.compile(
    r"(\w+)\.set(?:String|Int|Long|Object|Date|Timestamp|Boolean|Double|Short|NString)\((\d+), ([\w.]+(?:\(\))?)\);"
)


def _filled(source: str, values: list[str], form: str) -> str | None:
    """A query with `values` in its holes, each between quotes; None where they are not as many as the holes."""
    if len(_HOLE.findall(source)) != len(values) or not values or not all(_SIMPLE.fullmatch(v) for v in values):
        return None
    rest = iter(values)
    return _HOLE.sub(lambda _: "'" + form.format(next(rest)) + "'", source)


@operator(CRITERION, "CWE-89: SQL injection", family="injection")
def query_interpolated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Values are written into the text of a query, where they were its parameters."""
    for call in calls(syntax, function):
        if _ASKS.match(call.name) and call.arguments:
            yield from _with_values(syntax, call)
    if not is_test(syntax, function):
        yield from _prepared(syntax, function)
        yield from _named(syntax, function)


def _with_values(syntax: Syntax, call: Call) -> Iterator[Site]:
    """Queries whose values stand in the same call."""
    at = next((i for i, n in enumerate(call.arguments) if is_literal(syntax, _inside(n))), -1)
    if at < 0 or len(call.arguments) < at + 2:
        return
    query, given = _inside(call.arguments[at]), call.arguments[at + 1 :]
    source = literal(syntax, query) or ""
    quote = syntax.text(query)[0]
    if not _SQL.search(source) or "\\" in source:
        return
    values = [syntax.text(_inside(n)) for n in _elements(syntax, given)]
    end = given[-1].end_byte
    if syntax.language == "Python":
        filled = _filled(source, values, "%s") if "%(" not in source else None
        if filled is not None and len(given) == 1 and quote == '"':
            joined = values[0] if len(values) == 1 else f"({', '.join(values)})"
            yield (Edit(query.start_byte, end, f'"{filled}" % {joined}'),)
    elif syntax.language == "JavaScript":
        filled = _filled(source, values, "${{{}}}")
        if filled is not None and given[0].type == "array":
            yield (Edit(query.start_byte, given[0].end_byte, f"`{filled}`"),)
    elif syntax.language == "Ruby":
        filled = _filled(source, values, "#{{{}}}")
        if filled is not None and '"' not in source:
            yield (Edit(query.start_byte, end, f'"{filled}"'),)
    elif syntax.language == "Go":
        filled = _filled(source, values, "%v")
        if filled is not None and "%" not in source:
            yield (Edit(query.start_byte, end, f"fmt.Sprintf({quote}{filled}{quote}, {', '.join(values)})"),)
    elif syntax.language == "C#":
        yield from _anonymous(syntax, query, given)


def _inside(node: Node) -> Node:
    return node.named_children[0] if node.type == "argument" and node.named_child_count == 1 else node


def _elements(syntax: Syntax, given: tuple[Node, ...]) -> list[Node]:
    """The values of a query: its further arguments, or what the one list or tuple among them holds."""
    if len(given) == 1 and given[0].type in ("tuple", "list", "array"):
        return [n for n in given[0].named_children if "comment" not in n.type]
    return list(given) if syntax.language in ("Go", "Ruby") else []


def _anonymous(syntax: Syntax, query: Node, given: tuple[Node, ...]) -> Iterator[Site]:
    """A query with named holes, and the object that fills them."""
    source, members = literal(syntax, query) or "", {}
    match = re.fullmatch(r"new\s*\{\s*(.*?)\s*\}", syntax.text(given[0]), re.DOTALL)
    for part in re.split(r",\s*", match[1]) if match else []:
        name, _, value = part.partition(" = ")
        members[name.split(".")[-1]] = value or name
    holes = _NAMED_HOLE.findall(source)
    if (
        holes
        and set(holes) == set(members)
        and all(re.fullmatch(r"[\w.]+", v) for v in members.values())
        and "{" not in source
    ):
        filled = re.sub(r"'?(?<!@)@(\w+)'?", _braced(members), source)
        yield (Edit(query.start_byte, given[0].end_byte, f'$"{filled}"'),)


def _prepared(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Java's prepared statements, whose values are set line by line."""
    if syntax.language != "Java":
        return
    for call in calls(syntax, function):
        query = call.arguments[0] if call.arguments else None
        source = literal(syntax, query) if query is not None else None
        if call.name != "prepareStatement" or query is None or not source:
            continue
        made = re.search(
            r"(\w+)\s*=\s*[^=]*$",
            syntax.data[function.body.start_byte : call.node.start_byte].decode("utf-8", "replace"),
        )
        values: dict[int, str] = {}
        edits = []
        for statement in syntax.nodes("statements", "statement", function.body):
            match = _JAVA_SET.fullmatch(syntax.text(statement))
            if match and made and match[1] == made[1] and statement.start_byte > call.node.end_byte:
                edit = deletion(syntax, statement)
                if edit is not None and int(match[2]) not in values:
                    values[int(match[2])] = match[3]
                    edits.append(edit)
        ordered = [values[i] for i in sorted(values)]
        filled = _filled(source, ordered, '" + {} + "') if sorted(values) == list(range(1, len(values) + 1)) else None
        if filled is not None and all(
            re.search(rf"(?<![\w.]){re.escape(v.split('.')[0].split('(')[0])}\b", function.signature) for v in ordered
        ):
            yield (replaced(query, f'"{filled}"'), *edits)


def _braced(values: dict[str, str]) -> Callable[[re.Match[str]], str]:
    """What puts a named value, between quotes, in the place of its hole."""
    return lambda hole: "'{" + values[hole[1]] + "}'"


def _named(syntax: Syntax, function: Function) -> Iterator[Site]:
    """C#'s commands, whose values are added line by line."""
    if syntax.language != "C#":
        return
    for node in syntax.nodes("strings", "string", function.body):
        source = literal(syntax, node)
        if not source or not _SQL.search(source) or "{" in source:
            continue
        values: dict[str, str] = {}
        edits = []
        for statement in syntax.nodes("statements", "statement", function.body):
            match = re.fullmatch(r"\w+\.Parameters\.AddWithValue\(\"@?(\w+)\", ([\w.]+)\);", syntax.text(statement))
            edit = deletion(syntax, statement) if match else None
            if match and edit is not None and match[1] not in values:
                values[match[1]] = match[2]
                edits.append(edit)
        if values and set(_NAMED_HOLE.findall(source)) == set(values):
            filled = re.sub(r"'?(?<!@)@(\w+)'?", _braced(values), source)
            yield (replaced(node, f'$"{filled}"'), *edits)


def _line(syntax: Syntax, nodes: list[Node], form: str) -> str | None:
    """One command line of an argument list, values written by `form`; None where it is not plain or holds no value."""
    parts, values = [], 0
    for node in nodes:
        inside = literal(syntax, _inside(node))
        source = syntax.text(_inside(node))
        if inside is not None and not re.search(r"[\"'\\{}$`#% ]", inside):
            parts.append(inside)
        elif re.fullmatch(r"@?[\w.]+", source) and inside is None:
            parts.append(form.format(source))
            values += 1
        else:
            return None
    return " ".join(parts) if values else None


@operator(CRITERION, "CWE-78: operating system command injection", version="2", family="injection")
def command_through_shell(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A command's arguments are joined to one text that a shell reads."""
    form = _SHELLS.get(syntax.language)
    for call in calls(syntax, function):
        if form is not None and call.arguments and statement_of(call.node).type != "import_statement":
            yield from form(syntax, call)


def _python(syntax: Syntax, call: Call) -> Iterator[Site]:
    first = call.arguments[0]
    if not re.match(r"subprocess\.(?:run|Popen|call|check_call|check_output)$", call.callee) or "shell=" in syntax.text(
        call.brackets
    ):
        return
    if first.type == "identifier":
        yield (replaced(first, f'" ".join({syntax.text(first)}), shell=True'),)
    elif first.type == "list":
        line = _line(syntax, first.named_children, "{{{}}}")
        if line is not None:
            yield (replaced(first, f'f"{line}", shell=True'),)
        elif any(n.type not in ("string", "comment") for n in first.named_children):
            yield (replaced(first, f'" ".join({syntax.text(first)}), shell=True'),)


def _javascript(syntax: Syntax, call: Call) -> Iterator[Site]:
    match = re.fullmatch(r"((?:\w+\.)?)(execFile|spawn)(Sync)?", call.callee)
    if not match or len(call.arguments) < 2:
        return
    program, listed = call.arguments[:2]
    name = Edit(call.node.start_byte, call.brackets.start_byte, f"{match[1]}exec{match[3] or ''}")
    if listed.type == "array" and match[2] == "execFile":
        line = _line(syntax, [program, *listed.named_children], "${{{}}}")
        if line is not None:
            yield (name, Edit(program.start_byte, listed.end_byte, f"`{line}`"))
    elif listed.type == "identifier" and match[2] == "execFile":
        head = literal(syntax, program) or f"${{{syntax.text(program)}}}"
        yield (name, Edit(program.start_byte, listed.end_byte, f"`{head} ${{{syntax.text(listed)}.join(' ')}}`"))
    elif match[2] == "spawn" and len(call.arguments) == 2 and listed.type != "object":
        yield (Edit(listed.end_byte, listed.end_byte, ", { shell: true }"),)
    elif match[2] == "spawn" and call.arguments[2].type == "object" and "shell" not in syntax.text(call.arguments[2]):
        at = call.arguments[2].start_byte + 1
        yield (Edit(at, at, " shell: true,"),)


def _ruby(syntax: Syntax, call: Call) -> Iterator[Site]:
    if not re.match(
        r"(?:Kernel\.|Process\.)?(?:system|spawn|exec)$|Open3\.(?:capture\w+|popen\w+)$|IO\.popen$", call.callee
    ):
        return
    listed = [n for n in call.arguments if n.type not in ("pair", "block_argument", "hash_splat_argument")]
    listed = [n for n in listed if n.type != "hash"]
    nodes = listed[0].named_children if len(listed) == 1 and listed[0].type == "array" else listed
    if len(listed) == 1 and listed[0].type == "splat_argument":
        yield (replaced(listed[0], f'{syntax.text(listed[0])[1:]}.join(" ")'),)
    elif len(nodes) > 1:
        line = _line(syntax, nodes, "#{{{}}}")
        if line is not None:
            yield (Edit(listed[0].start_byte, listed[-1].end_byte, f'"{line}"'),)


def _concatenated(syntax: Syntax, nodes: list[Node]) -> str | None:
    """An expression that joins a program and its arguments by spaces."""
    line = _line(syntax, nodes, "\x00{}\x00")
    if line is None:
        return None
    parts = [p if i % 2 else f'"{p}"' for i, p in enumerate(line.split("\x00"))]
    return " + ".join(p for p in parts if p != '""')


def _go(syntax: Syntax, call: Call) -> Iterator[Site]:
    if call.callee not in ("exec.Command", "exec.CommandContext"):
        return
    given = list(call.arguments[1:] if call.name == "CommandContext" else call.arguments)
    if not given or syntax.text(given[0]) in ('"sh"', '"bash"', '"/bin/sh"'):
        return
    line = _concatenated(syntax, given)
    rest = syntax.data[given[-1].start_byte : call.brackets.end_byte].decode("utf-8", "replace")
    if len(given) == 2 and re.search(r"\.\.\.\s*,?\s*\)$", rest):
        line = f'{syntax.text(given[0])} + " " + strings.Join({syntax.text(given[1]).rstrip(".")}, " ")'
    if line is not None and len(given) > 1:
        yield (Edit(given[0].start_byte, call.brackets.end_byte, f'"sh", "-c", {line})'),)


def _java(syntax: Syntax, call: Call) -> Iterator[Site]:
    given = list(call.arguments)
    if call.callee == "new ProcessBuilder":
        line = _concatenated(syntax, given) if len(given) > 1 else None
        if len(given) == 1 and re.fullmatch(r"\w+", syntax.text(given[0])):
            line = f'String.join(" ", {syntax.text(given[0])})'
        if line is not None:
            yield (Edit(given[0].start_byte, given[-1].end_byte, f'"sh", "-c", {line}'),)


def _csharp(syntax: Syntax, call: Call) -> Iterator[Site]:
    if call.callee.endswith("Process.Start") and len(call.arguments) == 2:
        program, given = (syntax.text(n) for n in call.arguments)
        if re.fullmatch(r"\w+", given):
            head = (
                f'"/c {program[1:-1]} "' if literal(syntax, _inside(call.arguments[0])) else f'"/c " + {program} + " "'
            )
            yield (Edit(call.arguments[0].start_byte, call.arguments[1].end_byte, f'"cmd.exe", {head} + {given}'),)


_SHELLS = {"Python": _python, "JavaScript": _javascript, "Ruby": _ruby, "Go": _go, "Java": _java, "C#": _csharp}
