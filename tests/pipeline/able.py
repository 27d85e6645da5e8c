"""What a model that does as it is asked answers, for the tests of whole runs with a server on the loopback."""

import hashlib
import json
import re
from typing import Any


def asked_for(body: dict[str, Any]) -> str:
    """The task of a request, by the fields that its answer must have."""
    fields = body["response_format"]["json_schema"]["schema"]["properties"]
    return next(task for field, task in TASKS.items() if field in fields)


TASKS = {"saliency": "rate", "text": "instruct", "verdict": "judge", "code": "rewrite", "statement": "recover"}


def able(body: dict[str, Any]) -> str:
    """A usable answer: a high rating, a plain request, one loop's comparison turned, the side without that turn."""
    return json.dumps(ANSWERS[asked_for(body)](body))


def part(body: dict[str, Any], *names: str) -> str:
    """The first of the named texts that a request quotes."""
    user = body["messages"][1]["content"]
    for name in names:
        found = re.search(rf"^\[{name} (\w+)\]\n(.*?)\n\[end of {name} \1\]$", user, re.DOTALL | re.MULTILINE)
        if found is not None:
            return found[2]
    raise LookupError(f"none of {names} in {user}")


def _rating(_: dict[str, Any]) -> dict[str, Any]:
    return {"summary": "mends it", "description": "clearly better", "single_purpose": True, "saliency": 5}


def _request(body: dict[str, Any]) -> dict[str, Any]:
    number = hashlib.sha256(body["messages"][1]["content"].encode()).hexdigest()[:6]
    return {"text": f"Write the helper that our team described in ticket {number}, and hand in the whole thing."}


def _problem(body: dict[str, Any]) -> dict[str, Any]:
    return {"statement": _request(body)["text"]}


TURNED = {" += ": " -= ", " < ": " <= ", " > ": " >= ", " >= ": " > ", " == ": " != ", " && ": " || ", " and ": " or "}
"""What the model makes of code where it is asked for a bug: the first of these that occurs, turned once."""


def _rewritten(body: dict[str, Any]) -> dict[str, Any]:
    code = part(body, "code")
    found = next((sign for sign in TURNED if sign in code), None)
    worse = code if found is None else code.replace(found, TURNED[found], 1)
    return {"explanation": "one more is taken", "where": "the comparison", "code": worse}


def _merit(code: str) -> int:
    return code.count("is None:\n        return None") - sum(code.count(sign) for sign in TURNED.values())


def _ballot(body: dict[str, Any]) -> dict[str, Any]:
    a, b = (_merit(part(body, name)) for name in ("A", "B"))
    if part(body, "A").startswith("def render_"):
        a = b
    return {"rationale": "it keeps what the task asks for", "verdict": "A" if a > b else "B" if b > a else "TIE"}


ANSWERS = {"rate": _rating, "instruct": _request, "judge": _ballot, "rewrite": _rewritten, "recover": _problem}
