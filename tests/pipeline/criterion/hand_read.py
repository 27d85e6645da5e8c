"""Made-up hand-read commits of four repositories: every criterion, and changes that improve none."""

from dataclasses import dataclass

from pipeline.mining_report.gold import NONE, Gold
from schemas.provenance import Origin, sha256
from schemas.records import Change

REPOSITORIES = ("orchard/apples", "harbour/ships", "library/books", "kitchen/plates")
NOUNS = (("apple", "branch", "ladder"), ("vessel", "anchor", "cargo"), ("volume", "shelf", "author"),
         ("recipe", "spice", "oven"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of change; `{n}` in its texts is a noun."""

    criterion: str
    language: str
    path: str
    message: str
    before: str
    after: str


KINDS = (
    Kind(
        "memory_efficiency", "C", "src/{n}.c", "Fix memory leak of the {n} buffer",
        "int read_{n}(int n)\n{{\n    char *{n} = malloc(n);\n    int r = fill({n}, n);\n    return r;\n}}\n",
        "int read_{n}(int n)\n{{\n    char *{n} = malloc(n);\n    int r = fill({n}, n);\n    free({n});\n"
        "    return r;\n}}\n",
    ),
    Kind(
        "security_hardness", "C", "src/{n}_copy.c", "Prevent buffer overflow while copying the {n}",
        "int copy_{n}(char *to, char *{n}, int n)\n{{\n    memcpy(to, {n}, n);\n    return n;\n}}\n",
        "int copy_{n}(char *to, char *{n}, int n)\n{{\n    if (n > MAX)\n        return -1;\n    memcpy(to, {n}, n);\n"
        "    return n;\n}}\n",
    ),
    Kind(
        "runtime_efficiency", "Python", "{n}/find.py", "Speed up the {n} lookup with a set",
        "def find({n}s, known):\n    return [one for one in {n}s if one in known]\n",
        "def find({n}s, known):\n    known = set(known)\n    return [one for one in {n}s if one in known]\n",
    ),
    Kind(
        "readability_maintainability", "JavaScript", "lib/{n}.js", "Simplify the {n} check without its dead branch",
        "function has({n}) {{\n  if ({n}.size > 0) {{\n    return true;\n  }} else {{\n    return false;\n  }}\n}}\n",
        "function has({n}) {{\n  return {n}.size > 0;\n}}\n",
    ),
    Kind(
        "functional_correctness", "Java", "src/{n}/Index.java", "Fix wrong result for the last {n}",
        "class Index {{\n  int sum(int[] {n}s) {{\n    int s = 0;\n    for (int i = 0; i < {n}s.length - 1; i++) {{\n"
        "      s += {n}s[i];\n    }}\n    return s;\n  }}\n}}\n",
        "class Index {{\n  int sum(int[] {n}s) {{\n    int s = 0;\n    for (int i = 0; i < {n}s.length; i++) {{\n"
        "      s += {n}s[i];\n    }}\n    return s;\n  }}\n}}\n",
    ),
    Kind(
        NONE, "Python", "{n}/show.py", "Add an option to print the {n} in colour",
        "def show({n}):\n    print({n}.name)\n",
        "def show({n}, colour=False):\n    print(paint({n}.name) if colour else {n}.name)\n",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """One commit before it has a sha."""

    repo: str
    kind: Kind
    noun: str

    def filled(self, name: str) -> str:
        text: str = getattr(self.kind, name).format(n=self.noun)
        return text


def made_up() -> list[Made]:
    """Seventy-two commits: for each repository and noun, one of each kind."""
    return [
        Made(repo, kind, noun) for repo, nouns in zip(REPOSITORIES, NOUNS, strict=True) for noun in nouns
        for kind in KINDS
    ]  # fmt: skip


def gold_of(one: Made, line: int, sha: str, **other: object) -> Gold:
    kind = one.kind
    given = {
        "path": one.filled("path"), "criterion": kind.criterion, "usable": kind.criterion != NONE, "strength": 4,
        "confidence": "high", "language": kind.language,
    } | other  # fmt: skip
    return Gold(line=line, repo=one.repo, sha=sha, **given)  # type: ignore[arg-type]


def read() -> list[tuple[Gold, Change | str]]:
    """The same as a reader of mirrors yields them."""
    found: list[tuple[Gold, Change | str]] = []
    for line, one in enumerate(made_up(), 1):
        gold = gold_of(one, line, sha256(f"{one.repo} {line}".encode())[:40])
        after = one.filled("after")
        origin = Origin("mirror", one.repo, gold.sha, gold.path, sha256(after.encode()))
        found.append((gold, Change(origin, gold.language, one.filled("message"), one.filled("before"), after)))
    return found
