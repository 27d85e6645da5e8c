"""The operator by which inherited names are taken for an object's own."""

from collections.abc import Callable

import pytest

Made = Callable[[str, str, str], list[str]]

MADE = [
    (
        "function names(all) {\n  const found = [];\n  for (const key in all) if (all.hasOwnProperty(key)) found.push"
        "(key);\n  return found;\n}\n",
        "if (all.hasOwnProperty(key)) found", "found",
    ),
    (
        "function names(all) {\n  const found = [];\n  for (const key in all) {\n    if (all.hasOwnProperty(key) && "
        "key.length) {\n      found.push(key);\n    }\n  }\n  return found;\n}\n",
        "all.hasOwnProperty(key) && key.length", "key.length",
    ),
    (
        "function put(to, key, value) {\n  if (key === '__proto__') return;\n  to[key] = value;\n}\n",
        "  if (key === '__proto__') return;\n", "",
    ),
    (
        "function has(all, key) {\n  return hasOwnProperty.call(all, key);\n"
            "}\n",
        "hasOwnProperty.call(all, key)", "key in all",
    ),
    (
        "function put(to, key, value) {\n  if (key == '__proto__' && define) {\n    define(to, key, value);\n  } "
        "else {\n    to[key] = value;\n  }\n}\n",
        "  if (key == '__proto__' && define) {\n    define(to, key, value);\n  } else {\n    to[key] = value;\n  }\n",
            "  to[key] = value;\n",
    ),
    (
        "function memo(call) {\n  const known = Object.create(null);\n  return (key) => known[key] ??= call(key);\n}\n",
        "Object.create(null)", "{}",
    ),
    (
        "function put(all, key, value) {\n  if (hasOwnProperty.call(all, key)) {\n    all[key].push(value);\n  }\n}\n",
        "hasOwnProperty.call(all, key)", "key in all",
    ),
    (
        "function pairs(all) {\n  for (const key in all) {\n    if (all.hasOwnProperty(key)) {\n      put(key);\n    "
        "}\n  }\n}\n",
        "    if (all.hasOwnProperty(key)) {\n      put(key);\n    }\n", "    put(key);\n",
    ),
]  # fmt: skip

LEFT_ALONE = [
    "function same(a, key, v) {\n  return a.hasOwnProperty(key) && eq(a[key], v);\n}\n",
    "function keep(all) {\n  if (hasOwnProperty.call(all, tag)) {\n    return all[tag];\n  }\n  return all;\n}\n",
    "function store(all) {\n  if (hasOwnProperty.call(all, 'page')) {\n    return;\n  }\n  all.page = 1;\n}\n",
    "function test_names(all) {\n  return Object.create(null);\n}\n",
]


@pytest.mark.parametrize(("code", "before", "after"), MADE)
def test_an_inherited_name_is_taken(code: str, before: str, after: str, made: Made) -> None:
    assert code.replace(before, after, 1) in made("inherited_name_taken", "JavaScript", code)


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_other_questions_are_left_alone(code: str, made: Made) -> None:
    assert made("inherited_name_taken", "JavaScript", code) == []
