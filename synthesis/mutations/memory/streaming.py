"""Operators that read or produce everything at once where it went piece by piece."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, text
from synthesis.mutations.memory.places import CRITERION, body_text, found, loop_around, mentions, part, source, swapped
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.patterns import Table

FAMILY = "eager"
_CALL = r"((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))+)"
_REQUEST = r"\b(?:requests|session|\w*[sS]ession)\.(?:get|post|put|request)\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*"
WHOLE: Table = {
    "Python": (
        (r"(?m)^([ \t]*)shutil\.copyfileobj\((\w[\w.]*), (\w[\w.]*)(?:, [^()\n]+)?\)$", r"\1\3.write(\2.read())"),
        (rf"({_REQUEST}),\s*stream=True(?=[,)])", r"\1"),
        (r"(?<= in )(?:itertools\.)?islice\((\w+), (\w+)\)", r"list(\1)[:\2]"),
        (r"(?<=return )(?:itertools\.)?islice\((\w+), (\w+)\)", r"list(\1)[:\2]"),
        (r"(?<= in )(?:itertools\.)?chain\((\w+), (\w+)\)", r"list(\1) + list(\2)"),
        (r"\bcsv\.(reader|DictReader)\((\w+)(?=[,)])", r"csv.\1(\2.readlines()"),
        (r"(?<=[\w)])\.iter_lines\(\)", ".text.splitlines()"),
    ),
    "Ruby": (
        (rf"\b(File|IO)\.foreach\({_CALL}\)(?= do| \{{)", r"\1.readlines(\2).each"),
        (r"\bIO\.copy_stream\(([\w.]+), ([\w.]+)\)", r"\2.write(\1.read)"),
    ),
    "Java": (
        (rf"\bFiles\.lines\({_CALL}\)", r"Files.readAllLines(\1).stream()"),
        (r"(?m)^([ \t]*)(\w+)\.transferTo\((\w+)\);$", r"\1\3.write(\2.readAllBytes());"),
    ),
    "C#": (
        (r"\bFile\.ReadLines\(", "File.ReadAllLines("),
        (r"\b(Directory)\.Enumerate(Files|Directories|FileSystemEntries)\(", r"\1.Get\2("),
        (r"\.Enumerate(Files|Directories)\(", r".Get\1("),
    ),
    "JavaScript": (
        (rf"\bfs\.createReadStream\({_CALL}\)\s*\.pipe\((\w+)\)", r"\2.end(fs.readFileSync(\1))"),
    ),
    "Go": ((r"(?m)^([ \t]*)io\.Copy\((\w+), ([\w.]+)\)$", r"\1data, _ := io.ReadAll(\3)\n\1\2.Write(data)"),),
}  # fmt: skip


@operator(
    CRITERION,
    "CWE-400: memory grows with the input, where a stream keeps it constant",
    version="2",
    family=FAMILY,
    blatant=True,
)
def read_whole(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Input that was read, copied or listed piece by piece is held in memory whole."""
    code = body_text(syntax, function)
    whole = re.search(r"\.(?:content|text|json\(\)|read\(\))(?!\w)", code) or not re.search(r"iter_|\.raw\b", code)
    for pattern, replacement in WHOLE.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            if not ("stream=True" in pattern and whole):
                yield (swapped(match, replacement),)


@operator(
    CRITERION, "CWE-400: a chunk bounds the memory that a copy takes", ("Python", "Ruby"), family=FAMILY, blatant=True
)
def chunk_lifted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A file or socket that was read in chunks is read whole in one go."""
    size = r"(?:\w*(?:size|SIZE|chunk|CHUNK|length|BUF)\w*|\d{4,}|\d+ \* 1024(?: \* 1024)?)"
    for match in found(syntax, function, rf"(?<=\.read)\({size}\)"):
        loop = loop_around(syntax, function, match.start())
        head = source(syntax, text.line_start(syntax, match.start()), match.start())
        if loop is not None or re.search(r"\bwhile\b|iter\(lambda", head):
            yield (Edit(match.start(), match.end(), "()" if syntax.language == "Python" else ""),)


@operator(
    CRITERION,
    "readlines holds every line of the file at once",
    ("Python",),
    version="2",
    family=FAMILY,
    blatant=True,
)
def lines_listed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A file is read into a list of lines before the first one is looked at."""
    files = {part(m, 1) for m in found(syntax, function, r"\bopen\([^\n]*\) as (\w+)")}
    files |= {part(m, 1) for m in found(syntax, function, r"\b(\w+) = (?:io\.)?open\(")}
    for match in found(syntax, function, r"\bfor [\w, ()]+ in (?:enumerate\()?(\w+)(?=[):\]])"):
        name = part(match, 1)
        if name in files or re.fullmatch(r"\w*(?:file|fp|fh|fileobj|infile)", name):
            yield (Edit(match.start(1), match.end(1), f"{name}.readlines()"),)


_LAZY = re.compile(
    r"(?i)generator|iterat|lazi|lazy|yield|stream|infinite|forever|on demand|one at a time|one by one|coroutine|context"
)


@operator(
    CRITERION,
    "PEP 255: a generator holds one element; a list holds all of them",
    ("Python", "C#", "JavaScript"),
    version="2",
    family=FAMILY,
    blatant=True,
)
def results_collected(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Results that were handed over one by one are collected, and handed over when the last one is there."""
    head = source(syntax, function.node.start_byte, function.body.start_byte)
    code = body_text(syntax, function)
    endless = re.search(r"while (?:True|1)\b|while ?\(true\)|for ?\(;;\)|\byield\*|await", code)
    if _LAZY.search(function.doc) or head.lstrip().startswith(("@", "async ")) or endless:
        return
    if syntax.language == "Python":
        yield from _python_results(syntax, function, code)
    elif syntax.language == "C#" and re.search(r"\bIEnumerable<", head):
        yield from _braced_results(
            syntax, function, head, code, r"yield return (.+?);", r"yield break;", "{0}.Add({1});"
        )
    elif syntax.language == "JavaScript" and re.search(r"\*", head):
        yield from _braced_results(
            syntax, function, head, code, r"(?<![=(\w] )yield ([^;\n]+);", r"return;", "{0}.push({1});"
        )


def _free_name(code: str) -> str:
    return next(n for n in ("result", "results", "found", "collected", "all_results") if not mentions(code, n))


def _python_results(syntax: Syntax, function: Function, code: str) -> Iterator[Site]:
    statements = [n for n in syntax.nodes("statements", "statement", function.body) if n.type == "expression_statement"]
    yields = [n for n in statements if n.named_child_count == 1 and n.named_children[0].type == "yield"]
    every = [n for n, _ in walk(function.body) if n.type == "yield" and n.is_named]
    inner = any(
        n.type in ("function_definition", "lambda", "except_clause", "finally_clause") for n, _ in walk(function.body)
    )
    if (
        not yields
        or len(yields) != len(every)
        or inner
        or "Iterator" in function.signature
        or "Generator" in function.signature
    ):
        return
    name = _free_name(code)
    edits = []
    for node in yields:
        value = syntax.text(node)[len("yield") :].strip()
        if not value:
            return
        method = "extend" if value.startswith("from ") else "append"
        tupled = "," in re.sub(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|'[^']*'|\"[^\"]*\"", "", value)
        if tupled and (method == "extend" or value.startswith(("(", "lambda"))):
            return
        value = value.removeprefix("from ")
        edits.append(Edit(node.start_byte, node.end_byte, f"{name}.{method}({f'({value})' if tupled else value})"))
    for node in syntax.nodes("returns", "return", function.body):
        if syntax.text(node) != "return":
            return
        edits.append(Edit(node.start_byte, node.end_byte, f"return {name}"))
    body = [n for n in function.body.named_children if n.type != "comment"]
    first = next((n for n in body if n.type != "expression_statement" or n.named_children[0].type != "string"), body[0])
    margin = text.indent(syntax, first)
    last = layout.line_end(syntax.data, function.body.end_byte)
    edits.append(Edit(first.start_byte, first.start_byte, f"{name} = []\n{margin}"))
    edits.append(Edit(last, last, f"\n{margin}return {name}"))
    if len({e.start for e in edits}) == len(edits) or first not in yields:
        yield tuple(edits)


def _braced_results(
    syntax: Syntax, function: Function, head: str, code: str, given: str, stop: str, add: str
) -> Iterator[Site]:
    yields = list(found(syntax, function, given))
    if not yields or len(re.findall(r"\byield\b", code)) != len(yields) + len(re.findall(r"\byield break\b", code)):
        return
    sharp = syntax.language == "C#"
    if any(n.type == "local_function_statement" for n, _ in walk(function.body)):
        return
    if re.search(r"=>|function\b|\bcatch\b", code) and not sharp:
        return
    name = _free_name(code)
    kind = re.search(r"\bIEnumerable<((?:[^<>]|<[^<>]*>)+)>", head)
    first = next((n for n in function.body.named_children if n.type != "comment"), None)
    if first is None or (sharp and kind is None) or not text.owns_lines(syntax, function.body.named_children[-1]):
        return
    margin = text.indent(syntax, first)
    opening = f"var {name} = new List<{kind[1]}>();" if sharp and kind else f"const {name} = [];"
    edits = [Edit(m.start(), m.end(), add.format(name, part(m, 1))) for m in yields]
    edits += [Edit(m.start(), m.end(), f"return {name};") for m in found(syntax, function, stop)]
    last = function.body.named_children[-1]
    edits.append(Edit(first.start_byte, first.start_byte, f"{opening}{layout.newline(syntax)}{margin}"))
    edits.append(Edit(last.end_byte, last.end_byte, f"{layout.newline(syntax)}{margin}return {name};"))
    if not sharp:
        star = head.index("*")
        at = function.node.start_byte + len(head[:star].encode())
        edits.append(Edit(at, at + 1, ""))
    yield tuple(edits)
