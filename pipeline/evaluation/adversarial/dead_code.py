"""A branch that is never taken, or a variable that nothing reads, at the start of the first function."""

from random import Random

from pipeline.evaluation.adversarial.base import Code, Perturbation, only_more
from pipeline.evaluation.adversarial.places import entry, line_before
from synthesis.mutations import layout
from synthesis.mutations.operator import Site

_FORMS = {
    "Python": (("if False:", "\t{name} = 0"), ("{name} = None",)),
    "Ruby": (("if false", "\t{name} = 0", "end"), ("{name} = nil",)),
    "JavaScript": (("if (false) {{", "\tlet {name} = 0;", "}}"), ("let {name};",)),
    "C": (("if (0) {{", "\tint {name} = 0;", "\t(void) {name};", "}}"), ("int {name} = 0;", "(void) {name};")),
    "C++": (("if (false) {{", "\tint {name} = 0;", "\t(void) {name};", "}}"), ("int {name} = 0;", "(void) {name};")),
    "Go": (("if false {{", "\t{name} := 0", "\t_ = {name}", "}}"), ("var {name} int", "_ = {name}")),
    "Java": (("if (false) {{", "\tint {name} = 0;", "}}"), ("int {name} = 0;",)),
    "C#": (("if (false) {{", "\tint {name} = 0;", "}}"), ("int {name} = 0;",)),
}
"""Language to forms of dead code, a line each; a tab stands for one level of indentation."""


def edits(codes: tuple[Code, ...], criterion: str, rng: Random) -> tuple[Site, ...] | None:
    """The same lines on every side; None for a language without forms, or a side without a statement on its line."""
    forms = _FORMS.get(codes[0].syntax.language)
    if forms is None:
        return None
    form = rng.choice(forms)
    number = 0
    while any((name := f"unused{number or ''}") in code.text for code in codes):
        number += 1
    sites = []
    for code in codes:
        place = entry(code)
        if place is None:
            return None
        function, start, indent = place
        step, brk = layout.step(code.syntax, function), layout.newline(code.syntax)
        lines = [line.format(name=name).replace("\t", step) for line in form]
        sites.append((line_before(code, start, indent, (brk + indent).join(lines)),))
    return tuple(sites)


PERTURBATION = Perturbation(
    name="dead_code",
    sides="both",
    criteria=frozenset(("functional_correctness", "security_hardness")),
    changes="both sides begin with a branch that is never taken or a variable that nothing reads",
    edits=edits,
    same=only_more,
)
