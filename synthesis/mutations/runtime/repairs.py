"""Repairs of wasted time in code as humans left it: the costly form beside the cheap one that means the same."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.operator import Edit, Site, repair
from synthesis.mutations.patterns import Table, rewrites
from synthesis.mutations.runtime import shapes

CRITERION = "runtime_efficiency"
_ARGUMENT = r"((?:[^()]|\([^()]*\))+)"
FIRST: Table = {
    "JavaScript": ((r"\.filter\(((?:\w+ =>|\(\w+\) =>|function ?\(\w+\))(?:[^()]|\([^()]*\))+)\)\[0\]", r".find(\1)"),),
    "Ruby": (
        (r"\.select (\{[^{}]*\})\.first\b(?!\()", r".find \1"),
        (r"\.select\((&:\w+\??)\)\.first\b(?!\()", r".find(\1)"),
    ),
    "C#": (
        ((
            rf"\.Where\({_ARGUMENT}\)\.(First|FirstOrDefault|Singl"
            rf"e|SingleOrDefault|Any|Count|Last|LastOrDefault)\(\)"
        ), r".\2(\1)"),
    ),
    "Python": ((r"\[(\w+) for (\w+) in ([\w.]+) if ([^\[\]\n]+)\]\[0\]", r"next(\1 for \2 in \3 if \4)"),),
}  # fmt: skip
EXISTS: Table = {
    "JavaScript": (((
        r"\.filter\(((?:\w+ =>|\(\w+\) =>|function "
        r"?\(\w+\))(?:[^()]|\([^()]*\))+)\)\.length > 0"
    ), r".some(\1)"),),
    "Ruby": (
        (r"\.select (\{[^{}]*\})\.any\?", r".any? \1"),
        (r"\.select (\{[^{}]*\})\.empty\?", r".none? \1"),
        (r"\.(?:select|find_all) (\{[^{}]*\})\.(?:size|length|count)\b", r".count \1"),
    ),
    "C#": (
        (r"(?<![\w.!])([\w.]+)\.Count\(\) > 0\b", r"\1.Any()"),
        (r"(?<![\w.!])([\w.]+)\.Count\(\) == 0\b", r"!\1.Any()"),
        (r"\.ToList\(\)\.Any\(", ".Any("),
    ),
    "Java": ((rf"\.filter\({_ARGUMENT}\)\.findFirst\(\)\.isPresent\(\)", r".anyMatch(\1)"),),
    "Python": (
        (r"\b(any|all)\(\[([^\[\]\n]+ for \w+(?:, \w+)* in [^\[\]\n]+)\]\)", r"\1(\2)"),
    ),
}  # fmt: skip
LISTS: Table = {
    "Python": (
        (r"\b((?:if|elif|and|or|not|return|while) [\w.'\"]+ (?:not )?in )([\w.]+)\.keys\(\)", r"\1\2"),
        (r"\b((?:if|elif|and|or|not|return|while) [\w.'\"]+ (?:not )?in )list\(([\w.]+)\.keys\(\)\)", r"\1\2"),
        (r"\bsorted\(([\w.]+)\)\[0\]", r"min(\1)"),
        (r"\bset\(\[([^\[\]\n]+ for \w+(?:, \w+)* in [^\[\]\n]+)\]\)", r"{\1}"),
        (r"\b(sum|min|max)\(\[([^\[\]\n]+ for \w+(?:, \w+)* in [^\[\]\n]+)\]\)", r"\1(\2)"),
    ),
    "Ruby": (
        (r"\.keys\.include\?\(", ".key?("),
        (r"\.keys\.each\b(?=[^\n]*\n(?![^\n]*(?:delete|\]\s*=)))", ".each_key"),
        (r"\.values\.each\b(?!_)", ".each_value"),
        (r"\.reverse\.each\b(?!_)", ".reverse_each"),
        (r"\.map (\{[^{}]*\})\.flatten\(1\)", r".flat_map \1"),
        (r"\.sort\.first\b(?!\()", ".min"),
        (r"\.sort\.last\b(?!\()", ".max"),
        (r"\.sort_by (\{[^{}]*\})\.first\b(?!\()", r".min_by \1"),
        (r"\.shuffle\.first\b(?!\()", ".sample"),
    ),
    "JavaScript": ((r"\bObject\.keys\(([\w.]+)\)\.(?:indexOf\((\w+)\) (?:!==? -1|> -1|>= 0)|includes\((\w+)\))",
                    r"Object.prototype.hasOwnProperty.call(\1, \2\3)"),),
    "Java": ((r"\.keySet\(\)\.contains\(", ".containsKey("),),
    "C#": ((r"\.Keys\.Contains\(", ".ContainsKey("),),
    "Go": (
        (r"\bstrings\.Index\(([^(),]+), ([^(),]+)\) == 0\b", r"strings.HasPrefix(\1, \2)"),
        (r"\bfmt\.Sprintf\(\"%s\", (err)\.Error\(\)\)", r"\1.Error()"),
        (r"\bstrings\.ToLower\(([\w.]+)\) == strings\.ToLower\(([\w.]+)\)", r"strings.EqualFold(\1, \2)"),
    ),
}  # fmt: skip
LINES: Table = {"C++": ((r"<< ?std::endl\b", r"<< '\\n'"),)}


@repair(CRITERION, "a full pass with a list where the first hit answers", family="costly_lookup")
def first_match_taken(syntax: Syntax, function: Function) -> Iterator[Site]:
    """All matches were gathered to take the first one."""
    yield from rewrites(syntax, function, FIRST)


@repair(CRITERION, "a full pass where the first hit answers (CA1827)", family="costly_lookup")
def existence_asked(syntax: Syntax, function: Function) -> Iterator[Site]:
    """All matches were gathered or counted to see whether there is one."""
    yield from rewrites(syntax, function, EXISTS)


@repair(CRITERION, "a list of all elements, filled for one question or one walk", family="costly_lookup")
def list_between_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A list of the elements was made, sorted or searched where the container answers itself."""
    yield from rewrites(syntax, function, LISTS)


@repair(
    CRITERION, "performance-avoid-endl: a flush, one system call, for each line", ("C++",), family="costly_conversion"
)
def lines_buffered(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Every line of a loop was flushed to the system at once."""
    loops = [loop.body for loop in text.loops(syntax, function.body)]
    for site in rewrites(syntax, function, LINES):
        start = text.line_start(syntax, site[0].start)
        line = syntax.data[start : text.line_end(syntax, start)]
        quiet = not re.search(rb"cerr|clog|cin|prompt|\?", line)
        if quiet and any(body.start_byte <= site[0].start < body.end_byte for body in loops):
            yield site


@repair(
    CRITERION, "performance-unnecessary-value-param: the text is copied for each call", ("C++",), family="nothing_kept"
)
def parameter_by_reference(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A constant text or container was passed by value."""
    start = function.node.start_byte
    head = syntax.data[start : function.body.start_byte].decode("utf-8", "replace")
    for found in re.finditer(
        r"(?<=[(,\s])const (std::(?:string|vector<[\w:* ]+>|map<[\w:, *]+>)) (\w+)(?=\s*[,)])", head
    ):
        kept = re.search(rf"\[[^\]]*\b{found[2]}\b[^\]]*\] ?[({{]|\[=|thread|async", syntax.text(function.body))
        if not kept:
            at = start + len(head[: found.start()].encode())
            yield (Edit(at, at + len(found[0].encode()), f"const {found[1]}& {found[2]}"),)


@repair(
    CRITERION, "a length counted in each round: O(n^2) for one pass over a text", ("C", "C++"), family="repeated_work"
)
def length_hoisted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The length of a text that does not change was counted in every round of a loop."""
    for loop in text.loops(syntax, function.body):
        owner = loop.node
        if loop.condition is None or owner.type != "for_statement" or not text.owns_lines(syntax, owner):
            continue
        asked = [
            one for one in shapes.calls(syntax, loop.condition) if one.name == "strlen" and len(one.arguments) == 1
        ]
        name = shapes.free(syntax, function, "len", "length", "size")
        in_block = owner.parent is not None and owner.parent.type in text.BLOCKS
        if len(asked) != 1 or name is None or not in_block:
            continue
        place = syntax.text(asked[0].arguments[0])
        body = syntax.text(loop.body)
        touched = (
            re.search(rf"\b{re.escape(place)}\b(?!\[[^\]]*\](?! *=[^=]))", body)
            if re.fullmatch(r"\w+", place)
            else True
        )
        calls = any(place in syntax.text(part) for one in shapes.calls(syntax, loop.body) for part in one.arguments
                    if not re.search(rf"\b{re.escape(place)}\[", syntax.text(part)))  # fmt: skip
        writes = re.search(rf"\b{re.escape(place)}\[[^\]]*\] *(?:[-+|&]?=[^=]|\+\+|--)|\*{re.escape(place)}\b", body)
        if place.isidentifier() and not writes and not calls and (touched is None or "[" in body):
            node = asked[0].node
            at = owner.start_byte
            line = f"const size_t {name} = strlen({place});\n{text.indent(syntax, owner)}"
            yield Edit(at, at, line), Edit(node.start_byte, node.end_byte, name)


@repair(CRITERION, "a match object is built where only its being there is asked (Performance/RegexpMatch)", ("Ruby",),
        family="costly_conversion")  # fmt: skip
def match_only_tested(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A match was built in full where only its being there is asked."""
    if re.search(r"\$[~1-9&`']|last_match|\(\?<", syntax.text(function.node)):
        return
    for match in syntax.matches("binary", function.body):
        node, left, sign, right = (match[name][0] for name in ("binary", "left", "operator", "right"))
        if syntax.text(sign) != "=~" or not text.is_condition(node) or "\n" in syntax.text(node):
            continue
        pattern, value = (right, left) if right.type == "regex" else (left, right)
        plain = (
            value.type in ("identifier", "instance_variable", "call", "element_reference") and pattern.type == "regex"
        )
        if plain and not re.search(r"#\{| \w", syntax.text(value).replace(", ", ",")):
            yield (Edit(node.start_byte, node.end_byte, f"{syntax.text(pattern)}.match?({syntax.text(value)})"),)


@repair(CRITERION, "capacity known in advance was not said: the container grew and copied again and again (prealloc)",
        ("Go", "C++", "Java"), family="costly_building")  # fmt: skip
def capacity_said(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container that takes one element for each of another was made without room for them."""
    heads = {
        "Go": ((
            r"for (?:_|\w+)(?:, \w+)"
            r"? := range (\w[\w.]*) $"
        ), r"(\w+) := (\[\][\w.*\[\]]+)\{\}", "NAME = append(NAME, "),
        "C++": ((
            r"for \((?:const )?auto ?&"
            r"{0,2} ?\w+ ?: (\w+)\) ?$"
        ), r"std::vector<[\w:<>* ]+> (\w+)()()();", "NAME.push_back("),
        "Java": (r"for \((?:final )?[\w.<>]+ \w+ ?: (\w+)\) ?$", (
            r"(?:final )?List<[^;=]+> (\w+)( "
            r"= new ArrayList)(<[^;()]*>)\(\);"
        ), "NAME.add("),
    }  # fmt: skip
    head, made, adds = heads[syntax.language]
    statements = list(syntax.nodes("statements", "statement", function.body))
    for loop in text.loops(syntax, function.body):
        before = loop.node.prev_named_sibling
        over = re.search(
            head, syntax.data[loop.node.start_byte : loop.body.start_byte].decode("utf-8", "replace").rstrip() + " "
        )
        found = re.fullmatch(made, syntax.text(before)) if before is not None and over else None
        if over is None or found is None or before is None or not statements:
            continue
        inner = text.inner(loop.body)
        added = [n for n in inner if syntax.text(n).startswith(adds.replace("NAME", found[1]))]
        leaves = re.search(r"\b(?:continue|break|return|throw)\b", syntax.text(loop.body))
        if len(added) != 1 or leaves or not _sized(syntax, function, over[1]):
            continue
        start, end = before.start_byte, before.end_byte
        if syntax.language == "Go":
            yield (Edit(start, end, f"{found[1]} := make({found[2]}, 0, len({over[1]}))"),)
        elif syntax.language == "Java":
            yield (Edit(end - 3, end, f"({over[1]}.size());"),)
        else:
            yield (Edit(end, end, f"\n{text.indent(syntax, before)}{found[1]}.reserve({over[1]}.size());"),)


def _sized(syntax: Syntax, function: Function, name: str) -> bool:
    """Whether `name` is a container that tells its size, as far as the text shows."""
    forms = {
        "Go": rf"\b{re.escape(name)} (?:\.\.\.|\[\]|map\[)|\b{re.escape(name)} := (?:make\()?(?:\[\]|map\[)",
        "C++": rf"std::(?:vector|map|set|list|unordered_map|string|deque)\b[^;(]*[&> ] ?{re.escape(name)}\b",
        "Java": rf"(?:List|Set|Collection)<[^;=()]*> {re.escape(name)}\b",
    }  # fmt: skip
    return bool(re.search(forms[syntax.language], syntax.text(function.node)))


@repair(
    CRITERION, "performance of postfix increment: each step copies the iterator", ("C++",), family="costly_conversion"
)
def iterator_stepped_in_place(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An iterator was copied at each step of a loop."""
    for loop in text.loops(syntax, function.body):
        head = syntax.data[loop.node.start_byte : loop.body.start_byte].decode("utf-8", "replace")
        found = re.search(
            r"(?:iterator|auto) (\w+) ?= ?[\w.>-]+(?:\.|->)c?r?begin\(\).*; ?(\1\+\+)\) ?$", head.rstrip(), re.DOTALL
        )
        if found:
            at = loop.node.start_byte + len(head[: found.start(2)].encode())
            yield (Edit(at, at + len(found[2]), f"++{found[1]}"),)


@repair(CRITERION, (
    "a pattern is compiled and run where a table of "
    "characters does (Performance/StringReplacement)"
), ("Ruby",),
        family="costly_conversion")  # fmt: skip
def characters_translated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Single characters were replaced by way of a pattern."""
    table: Table = {
        "Ruby": (
            (r"\.gsub\((['\"])([\w:,;./ ])\1, (['\"][\w:,;./ -]['\"])\)", r".tr('\2', \3)"),
            (r"\.gsub\(/([\w:,; ])/, (['\"][\w:,;./ -]['\"])\)", r".tr('\1', \2)"),
            (r"\.gsub\((['\"])([\w:,;./ ])\1, (?:''|\"\")\)", r".delete('\2')"),
        ),
    }  # fmt: skip
    yield from rewrites(syntax, function, table)
