"""`synthesis.mutations.runtime.costlier` on small forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import costlier

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"] if one.sites.__module__ == costlier.__name__}

MADE = [
    (
        "costly_container",
        "Java",
        "String f(int n) {\n    StringBuilder out = new StringBuilder();\n    out.append(n);\n    keep(1);\n}\n",
        "String f(int n) {\n    StringBuffer out = new StringBuffer();\n    out.append(n);\n    keep(1);\n}\n",
    ),
    (
        "costly_container",
        "Java",
        "int f(int n) {\n    List<String> found = new ArrayList<>(n);\n    fill(found);\n    return found.size();\n}\n",
        "int f(int n) {\n    List<String> found = new LinkedList<>();\n    fill(found);\n    return found.size();\n}\n",
    ),
    (
        "costly_container",
        "C++",
        "int f() {\n  std::unordered_map<int, int> seen;\n  seen[1] = 2;\n  return seen[1];\n}\n",
        "int f() {\n  std::map<int, int> seen;\n  seen[1] = 2;\n  return seen[1];\n}\n",
    ),
    (
        "readers_exclude",
        "Go",
        "func (b *Box) Get() int {\n\tb.mu.RLock()\n\tdefer b.mu.RUnlock()\n\treturn b.n\n}\n",
        "func (b *Box) Get() int {\n\tb.mu.Lock()\n\tdefer b.mu.Unlock()\n\treturn b.n\n}\n",
    ),
    (
        "readers_exclude",
        "C++",
        "int Get() {\n  std::shared_lock<std::shared_mutex> hold(mutex_);\n  return n_;\n}\n",
        "int Get() {\n  std::unique_lock<std::shared_mutex> hold(mutex_);\n  return n_;\n}\n",
    ),
    (
        "memory_order_strengthened",
        "C++",
        "int Count() {\n  return n_.load(std::memory_order_relaxed);\n}\n",
        "int Count() {\n  return n_.load(std::memory_order_seq_cst);\n}\n",
    ),
    (
        "memory_order_strengthened",
        "C",
        "int count(void) {\n    return atomic_load_explicit(&n, memory_order_relaxed);\n}\n",
        "int count(void) {\n    return atomic_load_explicit(&n, memory_order_seq_cst);\n}\n",
    ),
    (
        "size_by_walking",
        "C#",
        "bool Any(List<int> items)\n{\n    return items.Count > 0;\n}\n",
        "bool Any(List<int> items)\n{\n    return items.Any();\n}\n",
    ),
    (
        "size_by_walking",
        "Java",
        "int f(List<String> names) {\n    if (names.isEmpty()) {\n        return 0;\n    }\n    return 1;\n}\n",
        (
            "int f(List<String> names) {\n    if (names.stream().count() == 0) {\n        return 0;\n    }\n"
            "    return 1;\n}\n"
        ),
    ),
    (
        "size_by_walking",
        "Python",
        "def f(names):\n    if len(names) > 3:\n        cut(names)\n",
        "def f(names):\n    if sum(1 for _ in names) > 3:\n        cut(names)\n",
    ),
    (
        "arguments_in_array",
        "JavaScript",
        "function f(o, key) {\n  return owns.call(o, key);\n}\n",
        "function f(o, key) {\n  return owns.apply(o, [key]);\n}\n",
    ),
    (
        "bound_to_be_called",
        "JavaScript",
        "function f(...args) {\n  return this.run.apply(this, args);\n}\n",
        "function f(...args) {\n  return this.run.bind(this)(...args);\n}\n",
    ),
    (
        "boxed_to_ask",
        "Java",
        "int order(int a, int b) {\n    return Integer.compare(a, b);\n}\n",
        "int order(int a, int b) {\n    return Integer.valueOf(a).compareTo(b);\n}\n",
    ),
    (
        "path_joined_in_steps",
        "Go",
        'func at(dir, name string) string {\n\treturn filepath.Join(dir, "data", name)\n}\n',
        'func at(dir, name string) string {\n\treturn filepath.Join(filepath.Join(dir, "data"), name)\n}\n',
    ),
    (
        "path_joined_in_steps",
        "Ruby",
        "def at(dir, name)\n  File.join(dir, 'data', name)\nend\n",
        "def at(dir, name)\n  File.join(File.join(dir, 'data'), name)\nend\n",
    ),
    (
        "type_by_text",
        "JavaScript",
        "function f(x) {\n  return Array.isArray(x);\n}\n",
        "function f(x) {\n  return Object.prototype.toString.call(x) === '[object Array]';\n}\n",
    ),
    (
        "await_costs_more",
        "C#",
        "async Task<int> Get()\n{\n    return await Read().ConfigureAwait(false);\n}\n",
        "async Task<int> Get()\n{\n    return await Read();\n}\n",
    ),
    (
        "task_awaited_to_pass_on",
        "C#",
        "public Task<int> Get(string name)\n{\n    return Read(name, 1);\n}\n",
        "public async Task<int> Get(string name)\n{\n    return await Read(name, 1);\n}\n",
    ),
    (
        "task_awaited_to_pass_on",
        "C#",
        "public Task<int> Get(string name) => Read(name, 1);\n",
        "public async Task<int> Get(string name) => await Read(name, 1);\n",
    ),
    (
        "left_to_run_time",
        "C++",
        "constexpr int Twice(int n) {\n  return n * 2;\n}\n",
        "inline int Twice(int n) {\n  return n * 2;\n}\n",
    ),
    (
        "left_to_run_time",
        "C#",
        "[MethodImpl(MethodImplOptions.AggressiveInlining)]\npublic int Twice(int n)\n{\n    return n * 2;\n}\n",
        "public int Twice(int n)\n{\n    return n * 2;\n}\n",
    ),
    (
        "default_by_second_lookup",
        "Python",
        'def f(options):\n    return options.get("depth", 3)\n',
        'def f(options):\n    return options["depth"] if "depth" in options else 3\n',
    ),
    (
        "default_by_second_lookup",
        "Python",
        'def f(options):\n    return options.get("depth") or 3\n',
        'def f(options):\n    return (options["depth"] if "depth" in options else None) or 3\n',
    ),
    (
        "default_by_second_lookup",
        "Java",
        "int f(String key) {\n    return sizes.getOrDefault(key, 0);\n}\n",
        "int f(String key) {\n    return (sizes.containsKey(key) ? sizes.get(key) : 0);\n}\n",
    ),
]
LEFT_ALONE = [
    # the builder is handed on as what it is
    ("costly_container", "Java", "void f() {\n    StringBuilder out = new StringBuilder();\n    fill(out);\n}\n"),
    # declared as the very class
    ("costly_container", "Java", "void f() {\n    ArrayList<String> found = new ArrayList<>();\n    go(1);\n}\n"),
    ("costly_container", "C++", "void f() {\n  std::unordered_map<int, int> seen;\n  Fill(&seen);\n}\n"),
    # released elsewhere
    ("readers_exclude", "Go", "func (b *Box) Enter() {\n\tb.mu.RLock()\n}\n"),
    ("memory_order_strengthened", "C++", "int Count() {\n  return n_.load();\n}\n"),
    ("size_by_walking", "C#", "bool Any(string name)\n{\n    return name.Length > 0;\n}\n"),
    ("size_by_walking", "Python", "def test(names):\n    assert len(names) > 3\n"),
    ("arguments_in_array", "JavaScript", "function f(o, rest) {\n  return run.call(o, ...rest);\n}\n"),
    ("bound_to_be_called", "JavaScript", "function f(o) {\n  return run(o);\n}\n"),
    ("boxed_to_ask", "Java", "int f(Order a, Order b) {\n    return rank.compare(a, b);\n}\n"),
    ("path_joined_in_steps", "Go", "func at(dir string) string {\n\treturn filepath.Join(dir, name)\n}\n"),
    # nothing is awaited from there: the task is made here
    ("task_awaited_to_pass_on", "C#", "public Task<int> Get()\n{\n    return Task.FromResult(1);\n}\n"),
    ("task_awaited_to_pass_on", "C#", "public async Task<int> Get()\n{\n    return await Read();\n}\n"),
    ("task_awaited_to_pass_on", "C#", "public Task<int> Get(out int n)\n{\n    n = 1;\n    return Read();\n}\n"),
    # a local that is constant is no specifier of the function
    ("left_to_run_time", "C++", "int Twice() {\n  constexpr int n = 2;\n  return n * 2;\n}\n"),
    # nothing to compute
    ("left_to_run_time", "C++", "constexpr int Size() const {\n  return size_;\n}\n"),
    ("default_by_second_lookup", "Python", 'def f(client):\n    return client.get("/home")\n'),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE)
def test_makes(name: str, language: str, code: str, expected: str) -> None:
    assert [one.code for one in mutants(language, code, (BY_NAME[name],))] == [expected]


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE)
def test_leaves_alone(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_is_shown() -> None:
    assert {name for name, *_ in MADE} == set(BY_NAME)
