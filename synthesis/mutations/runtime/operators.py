"""Operators that make code slower: work done again, done too early, or done by a worse method."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import slower, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.weaknesses import rewrites

CRITERION = "runtime_efficiency"


def _stands_still(syntax: Syntax, value: Node, region: Node) -> bool:
    names = {syntax.text(n) for n in text.variables(syntax, value)}
    changed = text.assigned(syntax, region)
    members = re.findall(r"[.@>](\w+)", syntax.text(value))
    return names.isdisjoint(changed) and not any(m in changed for m in members)


_CACHED = re.compile(r"(?i)cache|memo|known|computed|seen|\b_\w+")
"""Places that keep what was computed; of others, the function itself must be what fills them."""


@operator(CRITERION, "loop-invariant code motion undone: one evaluation becomes one for each round")
def invariant_in_loop(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value that does not change from round to round is computed inside the loop."""
    bindings = text.bindings(syntax, function.body)
    for loop in text.loops(syntax, function.body):
        statements = text.inner(loop.body)
        if not statements or not text.owns_lines(syntax, statements[0]) or loop.body.type not in text.BLOCKS:
            continue
        for binding in bindings:
            if _moves_into(syntax, function, binding, loop):
                gone = text.removal(syntax, binding.statement)
                line = syntax.text(binding.statement).strip()
                place = statements[0].start_byte
                if gone is not None and "\n" not in line:
                    tail = ";" if syntax.data[binding.statement.end_byte : gone.end].startswith(b";") else ""
                    yield (gone, Edit(place, place, f"{line}{tail}\n{text.indent(syntax, statements[0])}"))


def _moves_into(syntax: Syntax, function: Function, binding: text.Binding, loop: text.Loop) -> bool:
    """Whether the binding stands before the loop in its block, works, and is only needed in the loop's body."""
    owner = loop.node
    while owner.parent is not None and owner.parent.type not in text.BLOCKS:
        owner = owner.parent
    if binding.statement.parent != owner.parent or binding.statement.end_byte > owner.start_byte:
        return False
    used = [n for n in text.uses(syntax, function.body, binding.name) if n.start_byte != binding.target.start_byte]
    used = [n for n in used if not (binding.target.start_byte <= n.start_byte < binding.target.end_byte)]
    inside = all(loop.body.start_byte <= n.start_byte < loop.body.end_byte for n in used)
    between = syntax.data[binding.statement.end_byte : owner.start_byte].count(b"\n")
    works = any(n.type in slower.WORK for n, _ in walk(binding.value))
    changed = text.assigned(syntax, loop.body)
    return (
        bool(used) and inside and between < 6 and works and binding.name not in changed
        and text.is_pure(syntax, binding.value) and _stands_still(syntax, binding.value, loop.node)
    )  # fmt: skip


@operator(CRITERION, "common subexpression: one evaluation becomes one for each use")
def value_recomputed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value that was computed once and kept is computed again at every use."""
    bindings = text.bindings(syntax, function.body)
    found = text.loops(syntax, function.body)
    looped = [part for loop in found for part in (loop.body, loop.condition) if part is not None]
    for binding in bindings:
        value = binding.value
        if "\n" in syntax.text(value) or len(syntax.text(value)) > 60 or not text.is_pure(syntax, value):
            continue
        used = [n for n in text.uses(syntax, function.body, binding.name) if n.start_byte > value.start_byte]
        once = sum(b.name == binding.name for b in bindings) == 1 and _set_once(syntax, function, binding)
        repeated = len(used) >= 2 or any(
            body.start_byte <= n.start_byte < body.end_byte and binding.statement.start_byte < body.start_byte
            for n in used for body in looped
        )  # fmt: skip
        costly = any(not slower.is_trivial(text.callee_words(c[1])) for c in text.calls(syntax, value))
        in_loop = any(b.start_byte <= n.start_byte < b.end_byte for n in used for b in looped)
        works = any(n.type in slower.WORK for n, _ in walk(value)) and (costly or in_loop)
        works = works and not syntax.text(value).startswith("&")
        if slower.declares(syntax.language) and not re.search(
            r"declaration$|declaration_statement$", binding.statement.type
        ):
            continue
        if not (once and repeated and works and len(used) <= 5 and binding.statement.parent):
            continue
        scope = binding.statement.parent
        last = max(n.end_byte for n in used)
        if last > scope.end_byte or not _unchanged_after(syntax, binding, scope):
            continue
        gone = text.removal(syntax, binding.statement)
        if gone is not None and not any(text.is_quoted(n) for n in used):
            yield (gone, *(Edit(n.start_byte, n.end_byte, text.inlined(syntax, value)) for n in used))


def _set_once(syntax: Syntax, function: Function, binding: text.Binding) -> bool:
    source = syntax.data[binding.statement.end_byte : function.body.end_byte].decode("utf-8", "replace")
    name = re.escape(binding.name)
    changed = rf"\b{name}\b(?:\[[^\]]*\]|\.\w+|->\w+)?\s*(?:[-+*/%|&^]|<<|>>|\|\||\?\?)?=(?!=)|(?:&|\+\+|--)\s*{name}\b"
    changed += (
        rf"|\b{name}\s*(?:\+\+|--)|\b(?:for|del|ref|out|in|global|nonlocal)\s+(?:\w+, )?{name}\b(?!\w*\s*[<>=.(\[:])"
    )
    loops = any(
        binding.name in {syntax.text(n) for n in syntax.nodes("locals", "local", loop.node)}
        for loop in text.loops(syntax, function.body)
        if loop.node.start_byte > binding.statement.start_byte
    )
    return not loops and not re.search(changed, source) and binding.name not in text.parameters(syntax, function)


def _unchanged_after(syntax: Syntax, binding: text.Binding, scope: Node) -> bool:
    later = [n for n in scope.named_children if n.start_byte >= binding.statement.end_byte]
    mutated = {m for n in later for m in text.assigned(syntax, n)}
    return binding.name not in mutated and all(_stands_still(syntax, binding.value, n) for n in later)


@operator(CRITERION, "an early return that comes after the work it would have saved")
def work_before_guard(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A costly value is computed before the early exit that makes it needless."""
    for binding in text.bindings(syntax, function.body):
        guard = binding.statement.prev_named_sibling
        if guard is None or not re.match(r"(?:if|unless)", guard.type) or guard.child_by_field_name("alternative"):
            continue
        source = syntax.text(guard)
        leaves = re.search(r"\b(?:return|raise|throw|continue|break|next|goto|fail)\b", source)
        tested = {syntax.text(n) for n in text.variables(syntax, guard)}
        needed = {syntax.text(n) for n in text.variables(syntax, binding.value)}
        calls = text.calls(syntax, binding.value)
        both = (guard, binding.statement)
        if any(slower.acts(text.callee_words(c[1])) for c in calls):
            continue
        calls = [c for c in calls if c[2].named_child_count and not slower.is_trivial(text.callee_words(c[1]))]
        fits = leaves and calls and binding.name not in text.words(syntax, guard) and tested.isdisjoint(needed)
        if fits and needed and all(text.owns_lines(syntax, n) for n in both) and guard.child_count > 1:
            first, second = syntax.text(guard), syntax.text(binding.statement)
            yield (
                Edit(guard.start_byte, guard.end_byte, second),
                Edit(binding.statement.start_byte, binding.statement.end_byte, first),
            )


@operator(CRITERION, "short-circuit evaluation: the cheap test belongs before the costly one")
def costly_test_first(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A call is made before a cheap test that would have made it needless."""
    for match in syntax.matches("binary", function.body):
        left, sign, right = match["left"][0], match["operator"][0], match["right"][0]
        if syntax.text(sign) not in ("&&", "||", "and", "or") or "\n" in syntax.text(match["binary"][0]):
            continue
        nested = {n.type for n, _ in walk(left)} | {n.type for n, _ in walk(right)}
        logical = any(syntax.text(m["operator"][0]) in ("&&", "||", "and", "or")
                      for side in (left, right) for m in syntax.matches("binary", side))  # fmt: skip
        shared = {syntax.text(n) for n in text.variables(syntax, left)} & text.words(syntax, right)
        cheap = not text.calls(syntax, left) and bool(text.variables(syntax, left))
        called = [text.callee_words(c[1]) for c in text.calls(syntax, right)]
        costly = [c for c in called if not slower.is_trivial(c)] if not any(map(slower.acts, called)) else []
        if (
            text.is_condition(match["binary"][0])
            and cheap
            and costly
            and not shared
            and not logical
            and not nested & slower.CHANGES
        ):
            a, b = syntax.text(left), syntax.text(right)
            yield Edit(left.start_byte, left.end_byte, b), Edit(right.start_byte, right.end_byte, a)


@operator(CRITERION, "a search that goes on after it has found: average half of the rounds wasted")
def early_exit_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A loop goes on although its answer is settled."""
    for loop in text.loops(syntax, function.body):
        for node, _ in walk(loop.body):
            if node.type not in ("break_statement", "break") or not node.is_named or node.parent is None:
                continue
            before = node.prev_named_sibling
            settled = before is not None and re.match(
                r"(?:this\.|self\.|@)?\w+ = (?:true|True|TRUE|false|False|FALSE|1|0|-1)\b;?$", syntax.text(before)
            )
            if settled:
                yield from text.removed(syntax, node)


@operator(CRITERION, "a cache that is never asked: every call pays for the first one's work")
def cache_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value that was computed on first need and kept is computed on every call."""
    body = syntax.text(function.body)
    for match in syntax.matches("conditions", function.body):
        node, consequence = match["if"][0], match["consequence"][0]
        if node.child_by_field_name("alternative") is not None or node.parent is None:
            continue
        condition = syntax.text(text.core(match["condition"][0]))
        statements = text.inner(consequence)
        place = slower.missing(condition, node.type.startswith("unless"))
        if place and node.parent.type in text.BLOCKS and re.search(r"[.@>\[]", place):
            sets = [s for s in statements if re.match(rf"{re.escape(place)} :?= .*\(", syntax.text(s), re.DOTALL)]
            edit = text.unwrapped(syntax, node, consequence) if sets and len(statements) == 1 else None
            if edit is not None:
                yield (edit,)
        kept = slower.present(condition) or ""
        last = syntax.text(statements[-1]).rstrip(";") if statements else ""
        filled = _CACHED.search(kept) or re.search(rf"(?<![\w.]){re.escape(kept)} :?= ", body)
        if filled and len(statements) == 1 and last == f"return {kept}" and re.search(r"[.@>\[]", kept):
            yield from text.removed(syntax, node)


@operator(CRITERION, "memoisation removed: repeated calls repeat the work")
def memoisation_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Results are no longer kept between calls."""
    start, end = function.node.start_byte, function.body.start_byte
    pattern = rb"(?m)^[ \t]*@(?:functools\.)?(?:lru_cache|cache|memoize\w*)(?:\([^()\n]*\))?[ \t]*\n"
    head = syntax.data[start:end]
    for found in re.finditer(pattern, head):
        yield (Edit(start + found.start(), start + found.end(), ""),)
    if syntax.language == "Ruby":
        for found in re.finditer(rb"(@\w+) \|\|= ", syntax.data[function.body.start_byte : function.body.end_byte]):
            at = function.body.start_byte + found.start()
            yield (Edit(at, at + len(found[0]), f"{found[1].decode()} = "),)
    if syntax.language == "JavaScript":
        body = syntax.data[function.body.start_byte : function.body.end_byte]
        for found in re.finditer(rb"([\w.]+\.\w+) (?:\|\||\?\?)= (?=[^;\n]*\()", body):
            at = function.body.start_byte + found.start()
            yield (Edit(at, at + len(found[0]), f"{found[1].decode()} = "),)


@operator(CRITERION, "mutually exclusive tests: all are made although one can hold")
def exclusive_tests_all_made(syntax: Syntax, function: Function) -> Iterator[Site]:
    """After a test has held, the tests that it rules out are made as well."""
    for match in syntax.matches("conditions", function.body):
        node = match["if"][0]
        other = node.child_by_field_name("alternative")
        if other is None:
            continue
        following = next((n for n in [other, *other.named_children] if n.type in ("if_statement", "elif_clause")), None)
        last = [n for n in node.named_children if n.type in ("elif_clause", "else_clause")][-1:]
        chained = syntax.language == "Python" and following is not None and last != [following]
        if following is None or chained or following.child_by_field_name("alternative") is not None:
            continue
        following_test = following.child_by_field_name("condition")
        first, second = syntax.text(match["condition"][0]), syntax.text(following_test) if following_test else ""
        same = slower.compared(first)
        ruled_out = same is not None and same == slower.compared(second) and first != second
        if not ruled_out or same is None or same in text.assigned(syntax, match["consequence"][0]):
            continue
        if syntax.language == "Python":
            yield (Edit(following.start_byte, following.start_byte + 4, "if"),)
        elif following.type == "if_statement" and node.parent and node.parent.type in text.BLOCKS:
            line = f"\n{text.indent(syntax, node)}"
            yield (Edit(match["consequence"][0].end_byte, following.start_byte, line),)


@operator(CRITERION, "linear search, sort or second pass where a look-up or one pass did")
def costlier_method(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A look-up by key or a single pass is done by a search, a sort or a list built for the purpose."""
    yield from rewrites(syntax, function, slower.COSTLIER)


@operator(CRITERION, "capacity known in advance is not said: the container grows and copies again and again")
def capacity_unreserved(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container is no longer made at the size that it is known to reach."""
    yield from rewrites(syntax, function, slower.UNRESERVED)
    if syntax.language == "C++":
        for statement in syntax.nodes("statements", "statement", function.body):
            if re.fullmatch(r"[\w.>()-]+(?:\.|->)reserve\([^;]*\);", syntax.text(statement)):
                yield from text.removed(syntax, statement)


@operator(CRITERION, "quadratic accumulation: each round copies all that came before")
def accumulation_copies(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Growing a text or list in place is done by copying it whole for each element."""
    start = function.body.start_byte
    before = syntax.data[start : function.body.end_byte].decode("utf-8", "replace")
    for loop in text.loops(syntax, function.body):
        for node, _ in walk(loop.body):
            if node.type in slower.STATEMENTS:
                made = slower.grown_by_copy(syntax.language, syntax.text(node), before)
                if made:
                    yield (Edit(node.start_byte, node.end_byte, made),)


@operator(CRITERION, "performance-unnecessary-value-param: the whole object is copied for each call", ("C++",))
def parameter_by_value(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An object that the function only reads is passed by value instead of by reference."""
    start = function.node.start_byte
    head = syntax.data[start : function.body.start_byte]
    for found in re.finditer(rb"(?<=[(,\s])const ((?:std::)?\w[\w:]*(?:<[\w:, *]+>)?) ?& ?(\w+)(?=\s*[,)])", head):
        small = found[1] in (b"Slice", b"Status", b"T", b"int", b"_Tp", b"bool") or found[2] in (b"other", b"that")
        if not small and not re.search(rb"string|vector|map|set|list|deque", found[1]):
            at = start + found.start()
            yield (Edit(at, at + len(found[0]), f"{found[1].decode()} {found[2].decode()}"),)


@operator(CRITERION, "a constant table rebuilt by every call", ("C", "C++"))
def table_rebuilt(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A constant table that was laid out once is built on every call."""
    for statement in syntax.nodes("statements", "statement", function.body):
        source = syntax.text(statement)
        found = re.match(r"static (?=(?:const|constexpr) .*[=({])", source)
        if found:
            yield (Edit(statement.start_byte, statement.start_byte + len("static "), ""),)
