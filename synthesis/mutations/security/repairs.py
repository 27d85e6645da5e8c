"""Repairs of security: human code with a weakness that nobody disputes, and the form without it."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.operator import Edit, Site, repair
from synthesis.mutations.patterns import Table
from synthesis.mutations.security.places import CRITERION, calls, is_literal, literal, replaced, rewrites
from synthesis.mutations.trials import is_test

_SECRET_MAKER = re.compile(r"(?i)token|passw|secret|session_?id|nonce|salt|api_?key|csrf|\botp|credential")
_MAC = re.compile(
    r"(?i)^(?:[\w.]*[_.])?(?:(?:expected|actual|computed|given)_?)?(?:signature|sig|hmac|mac|csrf_?token|auth_?token|"
    r"api_?key|password_?hash)$"
)
_ARRAY = r"\bchar\s+(?:\*?\w+(?:\[\w]*\])?(?:\s*=\s*[^,;]+)?,\s*)*{}\[\s*[\w +*()]+\]"

_LOADS: Table = {
    "Python": (
        (
            r"\byaml\.(?:unsafe_|full_)?load\((\w[\w.]*(?:\(\))?)(?:, Loader=yaml\.(?:Unsafe|Full)?Loader)?\)",
            r"yaml.safe_load(\1)",
        ),
    ),
    "JavaScript": ((r"\beval\(['\"]\(['\"] ?\+ ?(\w[\w.]*) ?\+ ?['\"]\)['\"]\)", r"JSON.parse(\1)"),),
    "Ruby": (
        (
            r"(?<!\? )(?<!: )\bYAML\.(?:unsafe_load|load)\(((?:File|IO)\.read\([\w.@]+\)|\w[\w.]*)\)",
            r"YAML.safe_load(\1)",
        ),
    ),
}
_CERTIFICATES: Table = {
    "Python": (
        (r", verify=False(?=[,)])", ""),
        (r"\bssl\._create_unverified_context\(\)", "ssl.create_default_context()"),
    ),
    "JavaScript": ((r"(rejectUnauthorized: )false\b", r"\1true"),),
    "Go": ((r"(InsecureSkipVerify:\s*)true\b", r"\1false"),),
    "Ruby": ((r"\b(verify_mode = )(OpenSSL::SSL::)VERIFY_NONE\b", r"\1\2VERIFY_PEER"),),
    "C": ((r"(CURLOPT_SSL_VERIFYPEER,\s*)0L?\b", r"\g<1>1L"), (r"(CURLOPT_SSL_VERIFYHOST,\s*)0L?\b", r"\g<1>2L")),
    "C++": ((r"(CURLOPT_SSL_VERIFYPEER,\s*)0L?\b", r"\g<1>1L"), (r"(CURLOPT_SSL_VERIFYHOST,\s*)0L?\b", r"\g<1>2L")),
}
_RANDOM: Table = {
    "Python": (
        (r"(?<![\w.])random\.choice\(", "secrets.choice("),
        (r"(?<![\w.])random\.getrandbits\(", "secrets.randbits("),
    ),
    "JavaScript": (
        (
            r"\bMath\.random\(\)\.toString\(36\)(?:\.(?:slice|substr|substring)\([^()]*\))?",
            "crypto.randomBytes(16).toString('hex')",
        ),
    ),
    "Java": ((r"(?<!\w)(Random )?(\w+ = )?new Random\(\)", r"\1\2new SecureRandom()"),),
    "Ruby": ((r"(?<![\w.:])rand\(", "SecureRandom.random_number("),),
}
_MODES: Table = {
    "*": (
        (
            r"(\b(?:chmod|Chmod|mkdir_p|makedirs|mkdir|MkdirAll|Mkdir|fchmod)\(?[^;\n]*?(?<![\w.]))0(o?)777\b",
            r"\g<1>0\g<2>755",
        ),
    )
}


@repair(
    CRITERION,
    "CWE-502, CWE-95: deserialisation of untrusted data",
    ("Python", "JavaScript", "Ruby"),
    family="injection",
)
def loader_made_safe(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Data from outside could run code while it was read."""
    yield from rewrites(syntax, function, _LOADS)


@repair(CRITERION, "CWE-295: improper certificate validation", version="2", family="cryptography")
def certificate_checked(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The peer's certificate was not checked."""
    body = syntax.text(function.body)
    if re.search(r"(?i)insecure|no_?verify|skip_?verify|untrusted|self_?signed|testing", function.name + function.doc):
        return
    if not re.search(r"127\.0\.0\.1|localhost|\btest|\belse\b|nosec|VERIFY_PEER", body):
        yield from rewrites(syntax, function, _CERTIFICATES)


@repair(CRITERION, "CWE-338, CWE-330: weak pseudo-random number generator", tuple(_RANDOM), family="cryptography")
def secret_drawn_securely(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A secret was drawn from a predictable random source."""
    if _SECRET_MAKER.search(function.name):
        yield from rewrites(syntax, function, _RANDOM)


@repair(CRITERION, "CWE-732: incorrect permission assignment", family="system_rights")
def permissions_narrowed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A file or folder could be written by everybody."""
    yield from rewrites(syntax, function, _MODES)


@repair(CRITERION, "CWE-377: insecure temporary file", ("Python",), family="system_rights")
def temporary_file_reserved(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Somebody else could put a file under the temporary name before it was opened."""
    for call in calls(syntax, function):
        if call.callee == "tempfile.mktemp":
            yield (
                Edit(call.node.start_byte, call.node.end_byte, "tempfile.mkstemp" + syntax.text(call.brackets) + "[1]"),
            )


@repair(CRITERION, "CWE-120, CWE-121: copy without checking the size", ("C", "C++"), "2", family="memory_safety")
def copy_bounded(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A copy into an array of fixed size went on to the end of its source, however long that is."""
    body = syntax.text(function.body)
    for call in calls(syntax, function):
        name = call.callee.removeprefix("std::")
        given = [syntax.text(n) for n in call.arguments]
        if not given or not re.fullmatch(r"\w+", given[0]) or not re.search(_ARRAY.format(given[0]), body):
            continue
        size = f"sizeof({given[0]})"
        measured = re.search(rf"strlen\(\s*{re.escape(given[-1])}\s*\)|\bsizeof ?\(?{given[0]}\b", body)
        if measured:
            continue
        if name == "strcpy" and len(given) == 2 and not is_literal(syntax, call.arguments[1]):
            yield (replaced(call.node, f'snprintf({given[0]}, {size}, "%s", {given[1]})'),)
        elif name == "sprintf" and len(given) > 2 and re.search(r"%s", literal(syntax, call.arguments[1]) or ""):
            name_end = Edit(call.node.start_byte, call.brackets.start_byte, "snprintf")
            yield (name_end, Edit(call.arguments[0].end_byte, call.arguments[0].end_byte, f", {size}"))
        elif name == "gets":
            yield (replaced(call.node, f"fgets({given[0]}, {size}, stdin)"),)


@repair(CRITERION, "CWE-190, CWE-131: integer overflow before an allocation", ("C",), "2", family="memory_safety")
def allocation_overflow_checked(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The product of a count and a size could wrap around, and less memory be had than is used."""
    for call in calls(syntax, function):
        match = (
            re.fullmatch(
                r"([a-z][\w.>-]*) \* (sizeof ?\([^()]+\))|(sizeof ?\([^()]+\)) \* ([a-z][\w.>-]*)",
                syntax.text(call.arguments[0]),
            )
            if call.arguments
            else None
        )
        count = (match[1] or match[4]) if match else ""
        outside = re.search(r"\W", count) or count in text.parameters(syntax, function)
        if match and outside and call.callee == "malloc":
            yield (replaced(call.node, f"calloc({match[1] or match[4]}, {match[2] or match[3]})"),)


@repair(CRITERION, "CWE-208: observable timing discrepancy", ("Python", "Go", "Java"), family="cryptography")
def secret_compared_in_constant_time(syntax: Syntax, function: Function) -> Iterator[Site]:
    """How long a comparison took told how much of a guessed signature was right."""
    if is_test(syntax, function):
        return
    for call in calls(syntax, function):
        given = [syntax.text(n) for n in call.arguments]
        form = {"bytes.Equal": "hmac.Equal", "Arrays.equals": "MessageDigest.isEqual"}.get(call.callee)
        if form and len(given) == 2 and any(_MAC.match(n) for n in given):
            yield (Edit(call.node.start_byte, call.brackets.start_byte, form),)
    for match in syntax.matches("binary", function.body) if syntax.language == "Python" else ():
        whole, sides = match["binary"][0], [syntax.text(match["left"][0]), syntax.text(match["right"][0])]
        sign = syntax.text(match["operator"][0])
        plain = all(re.fullmatch(r"[a-z_][\w.]*(?:\(\))?", n) for n in sides)
        if sign in ("==", "!=") and plain and any(_MAC.match(n) for n in sides) and "None" not in sides:
            yield (replaced(whole, ("not " if sign == "!=" else "") + f"hmac.compare_digest({sides[0]}, {sides[1]})"),)


@repair(CRITERION, "CWE-78: operating system command injection", ("Python",), family="injection")
def shell_avoided(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A command's arguments were put into one text that a shell read."""
    for call in calls(syntax, function):
        source = syntax.text(call.arguments[0]) if call.arguments else ""
        rest = [n for n in call.arguments[1:] if re.sub(r"\s", "", syntax.text(n)) == "shell=True"]
        if not re.match(r"subprocess\.(?:run|call|check_call|check_output|Popen)$", call.callee) or len(rest) != 1:
            continue
        inside = re.fullmatch(r"f([\"'])([^\"'\\|&;<>*?$`~()]+)\1", source)
        words = inside[2].split() if inside else []
        if words and "{" in source and all(re.fullmatch(r"[\w./=:@+-]+|\{[\w.]+\}", w) for w in words):
            made = ", ".join(w[1:-1] if w.startswith("{") else f'"{w}"' for w in words)
            before = call.arguments[call.arguments.index(rest[0]) - 1]
            yield (replaced(call.arguments[0], f"[{made}]"), Edit(before.end_byte, rest[0].end_byte, ""))
