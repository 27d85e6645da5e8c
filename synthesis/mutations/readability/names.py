"""Names: what a variable is called, and whether that says what it holds."""

from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import scope
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.readability import rewording
from synthesis.mutations.readability.wording import cased, kind_of, name_words, snake

KEY = "readability_maintainability"
_SERIES = ("v{}", "tmp{}", "var{}", "x{}", "t{}")
_VAGUE = ("data", "temp", "value", "info", "obj", "stuff", "thing", "val")
_LIES = {
    "number": ("list", "name"),
    "list": ("count", "index"),
    "text": ("count", "list"),
    "object": ("count", "index"),
}


@operator(KEY, "meaningful names: Google style guides, naming; PEP 8", version="2", family="naming")
def names_shortened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Names of local variables no longer say what they hold."""
    taken = set(scope.words_of(syntax, function))
    locals_ = [v for v in rewording.renamable(syntax, function) if len(v.name) > 3]
    sites = []
    for variable in locals_:
        for name in rewording.stubs(variable.name):
            if name not in taken and len(name) < len(variable.name) and name not in rewording.KEYWORDS:
                taken.add(name)
                sites.append(rewording.renamed(variable, name))
                break
    if len(sites) > 1:
        yield tuple(edit for site in sites for edit in site)
    yield from sites


@operator(KEY, "meaningful names: numbered series, Clean Code ch. 2", version="2", family="naming", blatant=True)
def names_numbered(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Local variables are numbered instead of named after what they hold."""
    taken = scope.words_of(syntax, function)
    named = [v for v in rewording.renamable(syntax, function) if len(v.name) > 3]
    if len(named) < 2:
        return
    for offset in range(len(_SERIES)):
        form = _SERIES[(len(named[0].name) + offset) % len(_SERIES)]
        fresh = [form.format(index + 1) for index in range(len(named))]
        if taken.isdisjoint(fresh):
            yield tuple(edit for v, name in zip(named, fresh, strict=True) for edit in rewording.renamed(v, name))
            return


@operator(KEY, "meaningful names: noise words such as data or info, Clean Code ch. 2", version="2", family="naming")
def names_vague(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The name of a local variable fits anything, where it said what the variable holds."""
    taken = scope.words_of(syntax, function)
    for variable in rewording.renamable(syntax, function):
        if len(variable.name) < 5 or len(variable.uses) < 3 or variable.name.lower() in _VAGUE:
            continue
        if name_words(variable.name)[-1:] in (["result"], ["value"], ["data"], ["info"], ["temp"], ["index"]):
            continue
        start = len(variable.name) + len(variable.uses)
        name = next((w for i in range(len(_VAGUE)) if (w := _VAGUE[(start + i) % len(_VAGUE)]) not in taken), None)
        if name is not None:
            yield rewording.renamed(variable, name)


@operator(
    KEY, "avoid disinformation: a name that lies about the kind, Clean Code ch. 2", version="2", family="misnaming"
)
def names_misleading(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The name of a local variable says that it holds another kind of thing than it does."""
    taken = scope.words_of(syntax, function)
    for variable in rewording.renamable(syntax, function):
        words = name_words(variable.name)
        for lie in _LIES.get(kind_of(syntax, function, variable), ()):
            name = cased(syntax, function, [*words, lie])
            if lie not in words and name not in taken and name.isidentifier():
                yield rewording.renamed(variable, name)
                break


@operator(
    KEY,
    "one naming convention: PEP 8, Google style guides, checkstyle LocalVariableName",
    version="2",
    family="misnaming",
)
def convention_broken(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Names of local variables are not in the case that the language and the code around them use."""
    taken = scope.words_of(syntax, function)
    everything: list[Edit] = []
    for variable in rewording.renamable(syntax, function):
        name = _recased(syntax, function, variable.name)
        if name is None or name in taken or any(edit.text == name for edit in everything):
            continue
        everything += rewording.renamed(variable, name)
        yield rewording.renamed(variable, name)
    if len({edit.text for edit in everything}) > 1:
        yield tuple(everything)


def _recased(syntax: Syntax, function: Function, name: str) -> str | None:
    """The name in the case that does not belong here; None where it has one word that can't show it."""
    words = name_words(name)
    if "_".join(words) != name.lower() and "".join(words) != name.lower():
        return None  # digits, or underscores at an end
    if len(words) > 1 and name.islower() and snake(syntax, function):
        return words[0] + "".join(w.capitalize() for w in words[1:])
    if len(words) > 1 and "_" not in name and name[0].islower() and not snake(syntax, function):
        return "_".join(words)
    if len(words) == 1 and len(name) > 3 and name.islower() and syntax.language in ("Python", "Java", "C#"):
        return name.capitalize()
    return None
