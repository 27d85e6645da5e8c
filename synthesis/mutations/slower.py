"""What is cheap and what is costly in each language; data and small questions for `runtime`."""

import re

from synthesis.mutations.weaknesses import Table

WORK = frozenset({
    "call", "call_expression", "method_invocation", "invocation_expression", "binary_expression", "binary_operator",
    "binary", "subscript", "subscript_expression", "index_expression", "array_access", "element_access_expression",
    "element_reference", "member_expression", "attribute", "selector_expression", "field_expression", "field_access",
    "member_access_expression", "comparison_operator", "boolean_operator",
})  # fmt: skip
CHANGES = frozenset({
    "assignment_expression", "update_expression", "named_expression", "assignment", "await", "await_expression",
    "yield", "inc_statement", "augmented_assignment_expression",
})  # fmt: skip
STATEMENTS = frozenset({"expression_statement", "assignment_statement", "binary", "call", "operator_assignment"})
_TRIVIAL = frozenset(
    {"len", "is", "size", "empty", "length", "has", "isinstance", "typeof", "sizeof", "unlikely", "likely"}
)


def is_trivial(words: list[str]) -> bool:
    """Whether a callee of these words is as cheap as a comparison."""
    return not words or words[0] in _TRIVIAL


_ACTS = """
    read next write pop push add remove delete insert set create open close append move send recv receive throw consume
    advance try connect new alloc malloc zmalloc calloc make start stop run print log lock unlock wait accept init put
    take load save update reset exec execute handle process register dispatch emit call invoke apply flush skip
"""
_ACTING = frozenset(_ACTS.split())


def acts(words: list[str]) -> bool:
    """Whether a callee of these words does something besides giving a value."""
    return bool(words) and not _ACTING.isdisjoint(words)


def declares(language: str) -> bool:
    """Whether the language's locals are declared, so that a removed first assignment leaves a declaration behind."""
    return language not in ("Python", "Ruby")


def missing(condition: str, negated: bool) -> str | None:
    """The place that the condition says is not filled yet: `x` of `x is None`, `!x`, `x == null`; None for another."""
    place = r"([\w.@>\[\]'\"-]+)"
    for pattern in (rf"!{place}", rf"not {place}", rf"{place} is None", (rf"{place} ===? (?:null|undefined"
        rf"|nil|NULL|nullptr)"),
                    rf"{place}\.nil\?", rf"{place} == nil", rf"hasattr\({place}\)"):  # fmt: skip
        found = re.fullmatch(pattern, condition)
        if found:
            return found[1]
    found = re.fullmatch(place, condition) if negated else None
    if found is None:
        found = re.fullmatch(r"([\w.]+) not in ([\w.]+)", condition)
        return f"{found[2]}[{found[1]}]" if found else None
    return found[1]


def present(condition: str) -> str | None:
    """The place that the condition says is filled: `x` of `x`, `x is not None`, `x != null`; None for another."""
    place = r"([\w.@>\[\]-]+)"
    for pattern in (place, rf"{place} is not None", rf"{place} !==? (?:null|undefined|nil|NULL|nullptr)"):
        found = re.fullmatch(pattern, condition)
        if found:
            return found[1]
    found = re.fullmatch(r"([\w.]+) in ([\w.]+)", condition)
    return f"{found[2]}[{found[1]}]" if found else None


def compared(condition: str) -> str | None:
    """The name that the condition compares with a constant, as in `kind == "a"`; None for another condition."""
    constant = r"(?:-?\d\w*|'[^']*'|\"[^\"]*\"|[A-Z][\w.:]*)"
    found = re.fullmatch(rf"\(?([\w.]+) ===? {constant}\)?", condition)
    if found is None:
        found = re.fullmatch(rf"\(?([\w.]+)\.equals\({constant}\)\)?", condition)
    return found[1] if found else None


_NAME = r"([A-Za-z_][\w.]*)"
COSTLIER: Table = {
    "Python": (
        (r"\bin set\(([\w.]+)\)", r"in list(\1)"),
        (r"\bin \{((?:['\"\w.]+, )+['\"\w.]+)\}", r"in [\1]"),
        (rf"\bin {_NAME}\.keys\(\)", r"in list(\1.keys())"),
        (
            r"(?<!for )\b(\w+) (not )?in (self\._?\w*(?:map|cache|dict|index|by_\w+|registry|table))\b(?=:| and| or)",
            r"\1 \2in list(\3)",
        ),
        (r"\bany\(([^()\[\]]+ for [^()\[\]]+)\)", r"any([\1])"),
        (r"\ball\(([^()\[\]]+ for [^()\[\]]+)\)", r"all([\1])"),
        (r"\bmin\(([\w.]+)\)", r"sorted(\1)[0]"),
        (r"\bmax\(([\w.]+)\)", r"sorted(\1)[-1]"),
        (r"\b([\w.]+)\.startswith\((['\"]\w+['\"])\)", r"\1.find(\2) == 0"),
        (r"\bnext\(iter\(([\w.]+)\)\)", r"list(\1)[0]"),
        (r"(?<!for )(?<=[ (])(['\"]\w['\"]) (not )?in (\w+)(?=:| and| or)", r"\2\3.count(\1)"),
        (r"\bfor (\w+) in reversed\(([\w.]+)\):", r"for \1 in list(\2)[::-1]:"),
        (r"\bdeque\(\)", "[]"),
        (r"\.popleft\(\)", ".pop(0)"),
    ),
    "JavaScript": (
        (rf"\b{_NAME}\.find\(((?:[^()]|\([^()]*\))+)\)", r"\1.filter(\2)[0]"),
        (rf"\b{_NAME}\.some\(((?:[^()]|\([^()]*\))+)\)", r"\1.filter(\2).length > 0"),
        (rf"\b{_NAME}\.hasOwnProperty\(([\w.]+)\)", r"Object.keys(\1).includes(\2)"),
        (r"(?<=[(! ])(\w+|'\w+') in ([A-Za-z_]\w*)(?=\)| [&|])", r"Object.keys(\2).includes(\1)"),
        (rf"\b{_NAME}\.includes\(([\w.'\"]+)\)", r"\1.filter((x) => x === \2).length > 0"),
        (rf"\b{_NAME}\.startsWith\(([\w.'\"]+)\)", r"\1.indexOf(\2) === 0"),
        (rf"\b{_NAME}\.charAt\(([^()]+)\)", r"\1.split('')[\2]"),
        (rf"\b{_NAME}\.has\(([\w.]+)\)", r"[...\1.keys()].includes(\2)"),
        (rf"Math\.(max)\(\.\.\.{_NAME}\)", r"[...\2].sort((a, b) => b - a)[0]"),
        (rf"Math\.(min)\(\.\.\.{_NAME}\)", r"[...\2].sort((a, b) => a - b)[0]"),
    ),
    "Ruby": (
        (r"\.(?:key|has_key)\?\(", ".keys.include?("),
        (r"\.value\?\(", ".values.include?("),
        (r"\.(?:find|detect) (\{[^{}]*\})", r".select \1.first"),
        (r"\.any\? (\{[^{}]*\})", r".select \1.size > 0"),
        (r"\.(?:flat_map) (\{[^{}]*\})", r".map \1.flatten(1)"),
        (r"\.reverse_each\b", ".reverse.each"),
        (r"\.each_key\b", ".keys.each"),
        (r"\.each_value\b", ".values.each"),
        (r"\.max\b(?!_|\(|\s*\{)", ".sort.last"),
        (r"\.min\b(?!_|\(|\s*\{)", ".sort.first"),
        (r"\.start_with\?\((['\"])(\w+)\1\)", r".match?(/\\A\2/)"),
        (r"\.end_with\?\((['\"])(\w+)\1\)", r".match?(/\2\\z/)"),
        (r"\.delete\((['\"])([\w:,;-])\1\)", r".gsub(/\2/, '')"),
        (r"\.tr\((['\"])([\w:,;-])\1, ", r".gsub(/\2/, "),
        (r"\.match\?\(", ".match("),
        (r"\.count (\{[^{}]*\})", r".select \1.size"),
    ),
    "Java": (
        (rf"\b{_NAME}\.containsKey\(([^()]+)\)", r"new ArrayList<>(\1.keySet()).contains(\2)"),
        (r"\.anyMatch\(((?:[^()]|\([^()]*\))+)\)", r".filter(\1).count() > 0"),
        (r"\.noneMatch\(((?:[^()]|\([^()]*\))+)\)", r".filter(\1).count() == 0"),
        (rf"\b{_NAME}\.startsWith\(([\w.\"]+)\)", r"\1.indexOf(\2) == 0"),
        (rf"\b{_NAME}\.charAt\(([\w]+)\)", r"\1.toCharArray()[\2]"),
        (r"\bString\.valueOf\((\w+)\)", r"String.format(\"%s\", \1)"),
    ),
    "C#": (
        (rf"\b{_NAME}\.ContainsKey\(([^()]+)\)", r"\1.Keys.ToList().Contains(\2)"),
        (r"\.Any\(\)", ".Count() > 0"),
        (r"\.Any\(((?:[^()]|\([^()]*\))+)\)", r".Where(\1).Count() > 0"),
        (r"\.(?:First|FirstOrDefault)\(((?:[^()]|\([^()]*\))+=>(?:[^()]|\([^()]*\))+)\)", r".Where(\1).ToList()[0]"),
        (r"\bStringComparison\.Ordinal\b", "StringComparison.CurrentCulture"),
        (r"\bStringComparison\.OrdinalIgnoreCase\b", "StringComparison.CurrentCultureIgnoreCase"),
    ),
    "Go": (
        (r"\bstrings\.EqualFold\(([^(),]+), ([^(),]+)\)", r"strings.ToLower(\1) == strings.ToLower(\2)"),
        (r"\bstrings\.HasPrefix\(([^(),]+), ([^(),]+)\)", r"strings.Index(\1, \2) == 0"),
        (r"\bstrconv\.Itoa\(([^()]+)\)", r'fmt.Sprintf("%d", \1)'),
        (r"\bstrconv\.FormatInt\(([^(),]+), 10\)", r'fmt.Sprintf("%d", \1)'),
        (r"\bbytes\.Equal\(([^(),]+), ([^(),]+)\)", r"string(\1) == string(\2)"),
    ),
    "C": (
        (r"!(?:\*)(\w+)(?=[ )])", r"strlen(\1) == 0"),
        (r"(?<=[( ])\*(\w+) == '\\0'", r"strlen(\1) == 0"),
        (r"\bmalloc\(((?:[^()]|\([^()]*\))+)\)", r"calloc(1, \1)"),
        (r"\bzmalloc\(((?:[^()]|\([^()]*\))+)\)", r"zcalloc(\1)"),
        (r"\bstrchr\(([^(),]+), ?'(\w|[^\w'\\])'\)", r'strstr(\1, "\2")'),
    ),
    "C++": (
        (r"<< ['\"]\\n['\"]", "<< std::endl"),
        (r"\bstd::unordered_(map|set)<", r"std::\1<"),
        (r"\bstd::move\(([\w.]+)\)", r"\1"),
        (r"(?<=; )\+\+(\w*it\w*|\w*[Ii]ter)\)", r"\1++)"),
    ),
}
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
    "JavaScript": ((r"\bnew Array\([\w.]+\)(?=;)", "[]"),),
    "Ruby": ((r"\bString\.new\(capacity: [\w.]+\)", "String.new"),),
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
        "JavaScript": ((r"(\w+)\.push\(([^,]+)\)(;?)", r"let {0} = \[\]", "{0} = [...{0}, {1}]{2}"),),
        "Ruby": ((r"(\w+) << ([^<\n]+)", r"^\s*{0} = (?:\+?['\"]|String\.new)", "{0} += {1}"),
                 (r"(\w+) << ([^<\n]+)", r"^\s*{0} = \[\]", "{0} += [{1}]"),
                 (r"(\w+)\.push\(([^,\n]+)\)", r"^\s*{0} = \[\]", "{0} += [{1}]")),
        "C++": ((r"(\w+) \+= ([^;]+);", r"string {0}\b", "{0} = {0} + {1};"),
                (r"(\w+)->append\(([^;,]+)\);", r"", "*{0} = *{0} + {1};")),
        "C#": ((r"(\w+)\.Append\(([^;,]+)\);", (r"StringBuilder {0} |var {0} "
            r"= new StringBuilder"), "{0} = new StringBuilder({0}.ToString() + {1});"),
               (r"(\w+)\.Add\(([^;,]+)\);", r"List<[^;=]+> {0} = ", "{0} = {0}.Append({1}).ToList();")),
        "Java": ((r"(\w+)\.append\(([^;,()]+)\);", r"StringBuilder {0} = ", ("{0} = new StringBuilder"
            "({0}.toString() + {1});")),),
        "Go": ((r"(\w+) = append\((\w+), ([^,\n]+[^.\n])\)", r"", "{0} = append({1}[:len({1}):len({1})], {2})"),),
    }.get(language, ())  # fmt: skip
    for pattern, made, form in forms:
        found = re.fullmatch(pattern, statement, re.DOTALL)
        if found and re.search(made.replace("{0}", re.escape(found[1])), body, re.MULTILINE):
            return form.format(*(part or "" for part in found.groups()))
    return None
