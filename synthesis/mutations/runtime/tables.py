"""What is cheap and what is costly in each language: forms of text that `building` and `lookups` turn round."""

import re
from dataclasses import dataclass

from synthesis.mutations.patterns import Table

STATEMENTS = frozenset({"expression_statement", "assignment_statement", "binary", "call", "operator_assignment"})


@dataclass(frozen=True, slots=True)
class Builder:
    """How a language builds a text in a builder: patterns over one statement.

    Attributes:
        made: the statement that makes an empty builder.
        adds: a statement that adds one part; its group is the part, NAME the builder.
        text: what follows the builder's name where the whole text is taken.
        plain: the statement that makes an empty text of the name `{0}`.
        end: what ends a statement.
    """

    made: str
    adds: str
    text: str
    plain: str
    end: str


BUILDERS: dict[str, Builder] = {
    "Java": Builder(
        r"(?:final )?(?:StringBuilder|StringBuffer|var) \w+ = new (?:StringBuilder|StringBuffer)\((?:[\w.() *+]*)\);",
        r"NAME\.append\(((?!.*\.append\().+)\);", r"\.toString\(\)", 'String {0} = "";', ";"),
    "C#": Builder(r"(?:StringBuilder|var) \w+ = new (?:StringBuilder)?\((?:\d*)\);",
        r"NAME\.Append\(((?!.*\.Append).+)\);", r"\.ToString\(\)", 'string {0} = "";', ";"),
    "Go": Builder(r"var \w+ (?:strings\.Builder|bytes\.Buffer)", r"NAME\.WriteString\((.+)\)",
        r"\.String\(\)", 'var {0} string', ""),
    "C++": Builder(r"std::(?:ostringstream|stringstream) \w+;", r"NAME << (\"[^\"]*\"|std::string\([^<]*\));",
        r"\.str\(\)", "std::string {0};", ";"),
    "JavaScript": Builder(r"(?:const|let|var) \w+ = \[\];?", r"NAME\.push\((['\"`][^,\n]*|[^,\n]*['\"`])\);?",
        r"\.join\((?:''|\"\")\)", "let {0} = '';", ";"),
    "Ruby": Builder(r"\w+ = (?:\+''|String\.new(?:\(['\"]{2}\))?|\+\"\"|\[\])", r"NAME << (['\"][^<\n]*|[^<\n]*\.to_s)",
        r"\.join(?:\((?:''|\"\")\))?(?![\w(])", "{0} = ''", ""),
    "Python": Builder(r"\w+ = \[\]", r"NAME\.append\(([furb]*['\"].*)\)", r"(?!x)x", "{0} = ''", ""),
}  # fmt: skip
"""Language to its builder; an array of texts that is joined at last counts as one."""

UNRESERVED: Table = {
    "Go": (
        (r"\bmake\((\[\][\w.*\[\]]+), 0, [^()\n]+(?:\([^()]*\))?\)", r"\1{}"),
        (r"\bmake\((map\[\w+\][\w.*\[\]{}]+), [^()\n]+(?:\([^()]*\))?\)", r"make(\1)"),
        (r"\n[ \t]*\w+\.Grow\([^\n]+\)(?=\n)", ""),
    ),
    "Java": (
        ((r"\bnew (ArrayList|HashMap|HashSet|LinkedHashMap|LinkedHashSet)<([^<>]*)>\((?:\d+|[\w.() /*+]*"
            r"(?:size|length|Length|Size|capacity|count)\w*(?:\(\))?[\w ()/*+.]*?)\)(?=[;,)])"), r"new \1<\2>()"),
        ((r"\bnew (StringBuilder|StringBuffer|ByteArrayOutputStream|StringWriter)\((?:\d+|[\w."
            r"() /*+]*(?:size|length|Length|Size|capacity|count)\w*(?:\(\))?[\w ()/*+.]*?)\)(?=;)"), r"new \1()"),
    ),
    "C#": (
        ((r"\bnew (List|Dictionary|HashSet|Queue|Stack)<([^()]*)>\("
            r"(?:\d+|\w[\w.]*(?:Count|Length|capacity|size))\)"), r"new \1<\2>()"),
        (r"\bnew (StringBuilder|MemoryStream)\((?:\d+|\w[\w.]*(?:Count|Length|capacity|size))\)", r"new \1()"),
    ),
    "Ruby": ((r"\bString\.new\(capacity: [\w.]+\)", "String.new"),),
}  # fmt: skip

_EACH = r"for {item} in {source}:{line}{step}{target}."
BATCHES: dict[str, tuple[tuple[str, str], ...]] = {
    "Python": (
        (r"([\w.]+)\.extend\(([\w.]+(?:\(\w*\))?)\)", _EACH + "append({item})"),
        (r"((?:\w+\.)?\w*(?:set|seen|names|ids|keys))\.update\(([\w.]+)\)", _EACH + "add({item})"),
        (r"([\w.]+)\.writelines\(([\w.]+)\)", _EACH + "write({item})"),
    ),
    "Java": (
        (r"([\w.]+)\.addAll\(Arrays\.asList\((\w+)\)\);", (
            "for (var {item} : {source}) {{{line"
            "}{step}{target}.add({item});{line}}}"
        )),
        (r"([\w.]+)\.addAll\(([a-z][\w.]*(?:\(\))?)\);", (
            "for (var {item} : {source}) {{{line"
            "}{step}{target}.add({item});{line}}}"
        )),
        (r"([\w.]+)\.putAll\(([\w.]+(?:\(\))?)\);", (

                "for (var {item} : {source}.entrySet()) {{{line}{step}{t"
                "arget}.put({item}.getKey(), {item}.getValue());{line}}}"
            )),
    ),
    "C#": ((r"([\w.]+)\.AddRange\(([\w.]+)\);", (
        "foreach (var {item} in {source}){line}{{{line}{step}{target}.Add({item});{line}}}")),),
    "Go": ((r"(\w+) = append\(\1, ((?:\w+\.)*\w+)\.\.\.\)", (
        "for _, {item} := range {source} {{{line}{step}{target} = append({target}, {item}){line}}}")),),
    "C++": ((r"([\w.]+)\.insert\(\1\.end\(\), ([\w.]+)\.begin\(\), \2\.end\(\)\);", (
        "for (const auto& {item} : {source}) {{{line}{step}{target}.push_back({item});{line}}}")),),
    "JavaScript": ((r"([\w.]+)\.push\(\.\.\.([\w.]+)\);?", (
        "for (const {item} of {source}) {{{line}{step}{target}.push({item});{line}}}")),),
    "Ruby": (
        (r"([\w.@]+)\.concat\(([\w.@]+)\)", "{source}.each {{ |{item}| {target} << {item} }}"),
        (r"([\w.@]+)\.push\(\*([\w.@]+)\)", "{source}.each {{ |{item}| {target} << {item} }}"),
    ),
}  # fmt: skip
"""Language to statements that hand over many elements at once, and the loop that hands them over one by one."""

_DOUBLED = (
    (r"(?m)^([ \t]+[\w.>-]*(?:cap|size|alloc|max|limit|room|avail)\w*) \*= 2;", r"\1 += 16;"),
    (r"(?m)^([ \t]+[\w.>-]*(?:cap|size|alloc|max|limit|room|avail)\w*) <<= 1;", r"\1 += 16;"),
    (r"(?m)^([ \t]+(?:\w+ )?(\w[\w.>-]*(?:cap|size|alloc|max)\w*) = \2) \* 2;", r"\1 + 16;"),
    ((
        r"(?m)^([ \t]+(?:\w+ )?\w*(?:[cC]ap|[sS]ize|[aA]lloc)\w* = "
        r"([\w.>-]*(?:cap|size|alloc|max|[lL]en)\w*)) (?:\* 2|<< 1);"
    ), r"\1 + 16;"),
)  # fmt: skip
GROWTH: Table = {
    "C": _DOUBLED, "C++": _DOUBLED, "Java": _DOUBLED, "C#": _DOUBLED,
    "Go": ((r"(?m)^([ \t]+\w*[cC]ap\w*) \*= 2$", r"\1 += 16"),),
}  # fmt: skip


def grown_by_copy(language: str, statement: str, body: str) -> str | None:
    """The statement written so that it copies the whole list or text that it adds to; None where it adds to none.

    Args:
        language: released name.
        statement: source of one statement inside a loop.
        body: source of the function's body, which shows what the name was made as.
    """
    forms = {
        "Python": ((r"(\w+)\.append\((.+)\)", r"^\s*{0}(?:: [^=\n]+)? = \[\]", "{0} = {0} + [{1}]"),),
        "JavaScript": ((r"(\w+)\.push\(([^,]+)\)(;?)", r"let {0} = \[\]", "{0} = [...{0}, {1}]{2}"),
                       (r"(\w+)\.push\(([^,]+)\)(;?)", r"var {0} = \[\]", "{0} = {0}.concat([{1}]){2}")),
        "Ruby": ((r"(\w+) << ([^<\n]+)", r"^\s*{0} = (?:\+?['\"]|String\.new)", "{0} += {1}"),
                 (r"(\w+) << ([^<\n]+)", r"^\s*{0} = \[\]", "{0} += [{1}]"),
                 (r"(\w+)\.push\(([^,\n]+)\)", r"^\s*{0} = \[\]", "{0} += [{1}]")),
        "C++": ((r"(\w+) \+= ([^;]+);", r"string {0}\b", "{0} = {0} + {1};"),),
        "C#": ((r"(\w+)\.Add\(([^;,]+)\);", r"List<[^;=]+> {0} = ", "{0} = {0}.Append({1}).ToList();"),),
        "Go": ((r"(\w+) = append\((\w+), ([^,\n]+[^.\n])\)", r"", "{0} = append({1}[:len({1}):len({1})], {2})"),),
    }.get(language, ())  # fmt: skip
    for pattern, made, form in forms:
        found = re.fullmatch(pattern, statement, re.DOTALL)
        if found and re.search(made.replace("{0}", re.escape(found[1])), body, re.MULTILINE):
            return form.format(*(part or "" for part in found.groups()))
    return None
