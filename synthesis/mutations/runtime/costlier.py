"""Means that cost more than the one at hand: a costlier container, lock, order of memory, call or count."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.runtime import costs
from synthesis.mutations.runtime.lookups import rewrites
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "costly_means"
_HEADED = re.compile(r"\btemplate\b|(?i:inline)|\bexplicit\b|\bvirtual\b|\bfriend\b")
"""What lets a function of a C++ header go without `inline`, or says it already."""


@operator(CRITERION, "Sonar S1149; O(log n) or a node for each element where O(1) served", ("Java", "C#", "C++"),
          family=FAMILY)  # fmt: skip
@outside_tests
def costly_container(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container is chosen that pays for what nobody needs: locks, links or an order of its keys."""
    body = syntax.text(function.body)
    for pattern, replacement, spoils in costs.CONTAINERS.get(syntax.language, ()):
        for site in rewrites(syntax, function, {syntax.language: ((pattern, replacement),)}):
            line = syntax.data[text.line_start(syntax, site[0].start) : site[0].end].decode("utf-8", "replace")
            after = syntax.data[site[0].end : text.line_end(syntax, site[0].end)].decode("utf-8", "replace")
            name = re.match(r"(\w+);", after) or re.search(r"(\w+) = [^=]*$", line)
            if name is None or not re.search(spoils.replace("NAME", re.escape(name[1])), body):
                yield site


@operator(CRITERION, "readers that could run at once wait for each other", family=FAMILY)
@outside_tests
def readers_exclude(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Readers of shared data take the lock of a writer, so that they wait for each other."""
    body = syntax.data[function.body.start_byte : function.body.end_byte].decode("utf-8", "replace")
    if syntax.language == "Go" and not (".RLock()" in body and ".RUnlock()" in body):
        return
    for pattern, replacement in costs.LOCKS.get(syntax.language, ()):
        edits = []
        for found in re.finditer(pattern, body):
            at = function.body.start_byte + len(body[: found.start()].encode())
            edits.append(Edit(at, at + len(found[0].encode()), found.expand(replacement)))
        if edits:
            yield tuple(edits)


@operator(CRITERION, "a fence, or a locked instruction, where the order of memory does not matter", ("C", "C++"),
          family=FAMILY)  # fmt: skip
@outside_tests
def memory_order_strengthened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An atomic access asks for a stricter order of memory than it needs."""
    yield from rewrites(syntax, function, costs.ORDERS)


@operator(CRITERION, "CA1826, CA1829, CA1860: an enumerator walks where a property answers", ("C#", "Java", "Python"),
          family="costly_lookup")  # fmt: skip
@outside_tests
def size_by_walking(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What a container knows of itself is found out by walking over it."""
    yield from rewrites(syntax, function, costs.WALKED)


@operator(CRITERION, "an array of arguments built and unpacked for each call", ("JavaScript",), family=FAMILY)
@outside_tests
def arguments_in_array(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Arguments are put in an array that the call takes apart again."""
    yield from rewrites(syntax, function, costs.APPLIED)


@operator(CRITERION, "a function object made for a single call", ("JavaScript",), family=FAMILY)
@outside_tests
def bound_to_be_called(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A function is bound, which makes another one, only to be called once."""
    yield from rewrites(syntax, function, costs.BOUND)


@operator(CRITERION, "Sonar S1158, S2129: an object made for a question that a static method answers", ("Java",),
          family="costly_conversion")  # fmt: skip
@outside_tests
def boxed_to_ask(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A number is made an object only to be compared, printed or turned back."""
    yield from rewrites(syntax, function, costs.BOXED)


@operator(CRITERION, "a path joined and cleaned, then joined and cleaned again",
          ("Go", "Python", "JavaScript", "Ruby", "C#"), family="costly_building")  # fmt: skip
@outside_tests
def path_joined_in_steps(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A path that one call puts together is put together by two, with another path in between."""
    yield from rewrites(syntax, function, costs.STEPWISE)


@operator(CRITERION, "a text is made and compared where a tag is read", ("JavaScript",), family=FAMILY)
@outside_tests
def type_by_text(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The kind of a value is told by a text that is made for it."""
    yield from rewrites(syntax, function, costs.TAGS)


@operator(CRITERION, "CA2007, and a state machine for a task that is only passed on", ("C#",), family=FAMILY)
@outside_tests
def await_costs_more(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Each await goes back to the context of the caller, which has to schedule it."""
    yield from rewrites(syntax, function, {"C#": ((r"\.ConfigureAwait\(false\)", ""),)})


@operator(CRITERION, "an async state machine built to hand on a task that is there already", ("C#",),
          family=FAMILY)  # fmt: skip
@outside_tests
def task_awaited_to_pass_on(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A task that could be handed on as it is is awaited first, by a state machine of its own."""
    start, body = function.node.start_byte, function.body
    head = syntax.data[start : body.start_byte].decode("utf-8", "replace")
    found = re.search(r"(?m)^[ \t]*(?:(?:public|private|protected|internal|static|virtual|override|sealed|new) )+"
                      r"(?=(?:System\.Threading\.Tasks\.)?(?:Value)?Task(?:<.+>)? \w+[^\n]*\()", head)  # fmt: skip
    if found is None or re.search(r"\basync\b", head):
        return
    if re.search(r"\b(?:out|ref|in) \w", head):
        return
    source = syntax.text(body)
    arrow = re.match(r"=>\s*(?!new\b|throw\b|Task\.|default|_?\w+;?$)(?=[^;]*\()", source)
    returns = list(re.finditer(r"\breturn (?=[^;]*;)", source))
    plain = re.search(r"\breturn (?:new\b|default|Task\.(?:From|Completed)|null|_?\w+;|ValueTask)", source)
    at = start + len(head[: found.end()].encode())
    if arrow:
        here = body.start_byte + len(source[: arrow.end()].encode())
        yield Edit(at, at, "async "), Edit(here, here, "await ")
    elif returns and not plain and "Task<" in head and not re.search(r"=>|\byield\b|\blambda\b", source):
        places = [body.start_byte + len(source[: m.end()].encode()) for m in returns]
        yield (Edit(at, at, "async "), *(Edit(place, place, "await ") for place in places))


@operator(CRITERION, "a call for each use of a small function that was inlined, or evaluated by the compiler",
          ("C", "C++", "C#"), family=FAMILY)  # fmt: skip
@outside_tests
def left_to_run_time(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What the compiler evaluated or was told to inline is left to a call at run time."""
    start = function.node.start_byte
    head = syntax.data[start : function.body.start_byte].decode("utf-8", "replace")
    works = re.search(r"\w\(|[-+*/%<>=&|^?]", re.sub(r"->|/[*/].*", "", syntax.text(function.body)))
    for pattern, replacement in costs.COMPILED.get(syntax.language, ()):
        for found in re.finditer(pattern, head) if works else ():
            at = start + len(head[: found.start()].encode())
            alone = not found.expand(replacement) and syntax.language == "C++" and not _HEADED.search(head)
            made = "inline " if alone else found.expand(replacement)
            yield (Edit(at, at + len(found[0].encode()), made),)


@operator(CRITERION, "two look-ups of one key where one answers both", ("Python", "Java", "JavaScript"),
          family="costly_lookup")  # fmt: skip
@outside_tests
def default_by_second_lookup(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A key is looked up to see whether it is there, and again for its value."""
    yield from rewrites(syntax, function, costs.DEFAULTS)
    if syntax.language != "Python":
        return
    for (edit,) in rewrites(syntax, function, costs.GIVEN):
        before = syntax.data[: edit.start].decode("utf-8", "replace")[-12:]
        after = syntax.data[edit.end : edit.end + 1]
        whole = re.search(r"[\w\])] = $|\breturn $|\($|[(,] ?\w+=$|, $", before) and after in (b"\n", b",", b")", b"")
        yield (edit if whole else Edit(edit.start, edit.end, f"({edit.text})"),)


def _callee(syntax: Syntax, node: Node) -> str:
    """What stands before the bracket that opens right before `node`, on whatever line; empty where none does."""
    before = syntax.data[max(0, node.start_byte - 200) : node.start_byte].decode("utf-8", "replace").rstrip()
    return before[:-1].rstrip() if before.endswith("(") else ""
