"""What is cheap and what is costly in each language; data and small questions for `runtime`."""

import re

WORK = frozenset({
    "call", "call_expression", "method_invocation", "invocation_expression", "binary_expression", "binary_operator",
    "binary", "subscript", "subscript_expression", "index_expression", "array_access", "element_access_expression",
    "element_reference", "member_expression", "attribute", "selector_expression", "field_expression", "field_access",
    "member_access_expression", "comparison_operator", "boolean_operator",
})  # fmt: skip


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
