"""Operators that take a check away or weaken it: the exact mutant, and code that they must leave alone."""

from collections.abc import Callable

import pytest

Lines = Callable[[str, str, str], list[str]]

PORT = "def port(n):\n    if n < 1 or n > 65535:\n        raise ValueError({})\n    return n\n"
AT = (
    "int at(struct list *l, size_t i) {\n    if (i >= l->size) {\n        return -1;\n    }\n    return "
    "l->items[i];\n}\n"
)
GUARD = "    if (i >= l->size) {\n        return -1;\n    }\n"

MADE = [
    (
        "null_check_removed", "C",
        "int list_len(struct list *l) {\n    if (l == NULL) {\n        return -1;\n    }\n    return l->size;\n}\n",
        "    if (l == NULL) {\n        return -1;\n    }\n", "",
    ),
    ("bounds_check_removed", "C", AT, GUARD, ""),
    ("bounds_check_off_by_one", "C", AT, "i >= l", "i > l"),
    (
        "bounds_check_removed", "Go",
        "func At(items []int, i int) (int, error) {\n\tif i >= len(items) {\n\t\treturn 0, errors.New(\"out of "
        "range\")\n\t}\n"
        "\treturn items[i], nil\n}\n",
        "\tif i >= len(items) {\n\t\treturn 0, errors.New(\"out of range\")\n\t}\n", "",
    ),
    (
        "bounds_check_removed", "C",
        "int get(const char *p, const char *end) {\n    if (end - p < 4) {\n        return -1;\n    }\n    return p[0]"
        " + p[3];\n}\n",
        "    if (end - p < 4) {\n        return -1;\n    }\n", "",
    ),
    (
        "null_check_removed", "C++",
        "jmethodID id(JNIEnv* env) {\n  jclass type = find(env);\n  if (type == nullptr) {\n    return nullptr;\n  }\n"
        "  return env->GetMethodID(type, \"a\", \"()V\");\n}\n",
        "  if (type == nullptr) {\n    return nullptr;\n  }\n", "",
    ),
    (
        "validation_removed", "C#",
        "void Join(Node left, Node right)\n{\n    if (left == null || right == null)\n        throw new "
        "ArgumentNullException();\n    _left = left;\n    _right = right;\n}\n",
        "    if (left == null || right == null)\n        throw new ArgumentNullException();\n", "",
    ),
    (
        "validation_removed", "JavaScript",
        "function fill(source) {\n  const name = read(source);\n  if (!plainName.test(name)) throw new Error('bad');\n"
        "  return build(name);\n}\n",
        "  if (!plainName.test(name)) throw new Error('bad');\n", "",
    ),
    (
        "limit_check_removed", "JavaScript",
        "function grow(chunk, done) {\n  this.length += chunk.length;\n  if (this.length > this.maxLength) {\n    "
        "const error = new RangeError('too long');\n    done(error);\n    return;\n  }\n  this.keep(chunk);\n}\n",
        "  if (this.length > this.maxLength) {\n    const error = new RangeError('too long');\n    done(error);\n    "
        "return;\n  }\n", "",
    ),
    (
        "check_only_reported", "JavaScript",
        "function later(call) {\n  if (typeof call != 'function') {\n    throw new TypeError('no function');\n  }\n"
        "  return start(call);\n}\n",
        "throw new TypeError('no function');", "console.error('no function');",
    ),
    (
        "bounds_assertion_removed", "C++",
        "int At(const int* items, size_t i) {\n  assert(i < kItemsSize);\n  return items[i];\n}\n",
        "  assert(i < kItemsSize);\n", "",
    ),
    (
        "clamp_removed", "C", "void put(char *to, const char *from, size_t len) {\n    len = MIN(len, sizeof(room))"
            ";\n    copy(to, from, len);\n}\n",
        "    len = MIN(len, sizeof(room));\n", "",
    ),
    (
        "clamp_removed", "JavaScript", "function take(count) {\n  const n = Math.min(count, MAX_COUNT);\n  return "
            "all.slice(n);\n}\n",
        "Math.min(count, MAX_COUNT)", "count",
    ),
    (
        "type_assertion_unchecked", "Go",
        "func Use(v any) error {\n\ts, ok := v.(*Store)\n\tif !ok {\n\t\treturn errBad\n\t}\n\treturn s.Put()\n}\n",
        "\ts, ok := v.(*Store)\n\tif !ok {\n\t\treturn errBad\n\t}\n", "\ts := v.(*Store)\n",
    ),
    (
        "validation_removed", "Ruby",
        "def open_page(name)\n  raise ArgumentError, \"bad name\" unless name.match?(/\\A\\w+\\z/)\n  File.read(name)"
        "\nend\n",
        "  raise ArgumentError, \"bad name\" unless name.match?(/\\A\\w+\\z/)\n", "",
    ),
    (
        "validation_removed", "Java",
        "void set(Handler handler) {\n    if (handler == null) {\n        throw new "
        "IllegalArgumentException(\"handler\");\n    }\n    this.handler = handler;\n}\n",
        "    if (handler == null) {\n        throw new IllegalArgumentException(\"handler\");\n    }\n", "",
    ),
    (
        "path_check_removed", "JavaScript",
        "function join(base, name) {\n  // no way out of the folder\n  if (name.includes(\"..\")) {\n    throw new "
        "Error(\"bad name\");\n  }\n  return base + \"/\" + name;\n}\n",
        "  // no way out of the folder\n  if (name.includes(\"..\")) {\n    throw new Error(\"bad name\");\n  }\n", "",
    ),
    (
        "permission_check_removed", "Python",
        "def transfer(self, account, amount):\n    self.check_permission(account)\n    account.balance -= amount\n",
        "    self.check_permission(account)\n", "",
    ),
    (
        "permission_check_removed", "Ruby",
        "def remove(user, page)\n  raise Denied unless user.can?(:remove, page)\n  page.delete\nend\n",
        "  raise Denied unless user.can?(:remove, page)\n", "",
    ),
    (
        "permission_check_removed", "Python", "@app.route(\"/a\")\n@login_required\ndef show(page):\n    start(page)"
            "\n    return page\n",
        "@login_required\n", "",
    ),
    (
        "destination_check_removed", "Python",
        "def go(host, path):\n    if host not in allowed_hosts:\n        raise ValueError(host)\n    return "
        "redirect(host + path)\n",
        "    if host not in allowed_hosts:\n        raise ValueError(host)\n", "",
    ),
    (
        "line_break_check_removed", "Python",
        "def put(headers, value):\n    if \"\\r\" in value or \"\\n\" in value:\n        raise ValueError(value)\n   "
        " headers.add(value)\n",
        "    if \"\\r\" in value or \"\\n\" in value:\n        raise ValueError(value)\n", "",
    ),
    (
        "limit_check_removed", "Python",
        "def walk(node, depth):\n    if depth > MAX_DEPTH:\n        raise ValueError(\"too deep\")\n    return "
        "visit(node, depth + 1)\n",
        "    if depth > MAX_DEPTH:\n        raise ValueError(\"too deep\")\n", "",
    ),
    (
        "integrity_check_removed", "C",
        "int load(struct page *p, int want) {\n    if (p->checksum != want) {\n        return -EINVAL;\n    }\n    "
        "return use(p);\n}\n",
        "    if (p->checksum != want) {\n        return -EINVAL;\n    }\n", "",
    ),
    (
        "check_call_removed", "Java",
        "void add(String name) {\n    Objects.requireNonNull(name, \"name\");\n    names.add(name);\n}\n",
        "    Objects.requireNonNull(name, \"name\");\n", "",
    ),
    (
        "check_call_removed", "C#", "void Add(string name)\n{\n    _name = Guard.ThrowIfNull(name);\n    Done();\n}\n",
        "Guard.ThrowIfNull(name)", "name",
    ),
    (
        "check_result_ignored", "C", "int drop(uid_t uid) {\n    if (setuid(uid) != 0) {\n        return -1;\n    }\n"
            "    return run();\n}\n",
        "    if (setuid(uid) != 0) {\n        return -1;\n    }\n", "    setuid(uid);\n",
    ),
    (
        "check_result_ignored", "Python", "def show(self, token):\n    if not self.verify(token):\n        raise "
            "Denied()\n    return self.page\n",
        "    if not self.verify(token):\n        raise Denied()\n", "    self.verify(token)\n",
    ),
    (
        "check_result_ignored", "C++", "bool Next(Reader* r) {\n  if (UNLIKELY(!ReadHeader(r)))\n  {\n    return "
            "false;\n  }\n  return true;\n}\n",
        "  if (UNLIKELY(!ReadHeader(r)))\n  {\n    return false;\n  }\n", "  ReadHeader(r);\n",
    ),
    ("checks_must_all_fail", "Python", PORT.format("n"), " or ", " and "),
    ("check_narrowed", "Python", PORT.format("n"), " or n > 65535", ""),
    ("check_only_reported", "Python", PORT.format('"bad port"'), 'raise ValueError("bad port")', 'logging.warning("ba'
        'd port")'),
    (
        "check_only_reported", "C#",
        "int Port(int n) {\n    if (n > 65535) {\n        throw new ArgumentException(\"bad port\");\n    }\n    "
        "return n;\n}\n",
        "throw new ArgumentException(\"bad port\");", "Debug.WriteLine(\"bad port\");",
    ),
    (
        "check_only_reported", "C",
        "int put(struct box *box, size_t n, char *to) {\n    if (n > sizeof(box->data)) {\n        "
        "log_error(\"full\");\n        return -1;\n    }\n    return memcpy(to, box, n);\n}\n",
        "        return -1;\n", "",
    ),
    (
        "denial_by_default_lost", "Python",
        "def is_allowed(user):\n    for rule in RULES:\n        if rule.fits(user):\n            return True\n    "
        "return False\n",
            "return False",
            "return True",
    ),
    (
        "denial_by_default_lost", "Ruby", "def valid?(token)\n  check(token)\nrescue\n  false\nend\n", "  false\n",
            "  true\n",
    ),
    (
        "denial_by_default_lost", "Java",
        "boolean isAllowed(String user) {\n    try {\n        return ask(user);\n    } catch (IOException e) {\n     "
        "   return false;\n    }\n}\n",
        "return false", "return true",
    ),
    (
        "pattern_backtracks", "JavaScript", "function word(text) {\n  return /^\\w+$/.test(text);\n}\n", "\\w+",
            "(?:\\w+)+",
    ),
    (
        "pattern_backtracks", "Python", "def word(text):\n    return re.match(r\"[a-z]*;\", text)\n", "[a-z]*",
            "(?:[a-z]+)*",
    ),
    (
        "pattern_unanchored", "Ruby", "def word?(text)\n  text.match?(/\\A[a-z]+\\z/)\nend\n", "\\A[a-z]+\\z",
            "^[a-z]+$",
    ),
    (
        "pattern_unanchored", "Python", "def word(text):\n    return PATTERN.fullmatch(text)\n", "fullmatch", "match",
    ),
    (
        "decoding_failure_uncaught", "JavaScript",
        "function read(text) {\n  try {\n    return JSON.parse(text);\n  } catch (e) {\n    return null;\n  }\n}\n",
        "  try {\n    return JSON.parse(text);\n  } catch (e) {\n    return null;\n  }\n", "  return JSON.parse(text)"
            ";\n",
    ),
]  # fmt: skip

LEFT_ALONE = [
    ("bounds_check_removed", "Python", "def at(items, i):\n    if i >= len(items):\n        raise IndexError(i)\n"
        "    return items[i]\n"),
    ("bounds_check_removed", "C", "int load(struct pack *p) {\n    if (p->fd >= 0) {\n        return -1;\n    }\n    "
        "return read_at(p->fd);\n}\n"),
    ("destination_check_removed", "Python", "def basic(scheme, token):\n    if scheme != 'Basic':\n        raise "
        "ValueError(scheme)\n    return decode(scheme, token)\n"),
    ("line_break_check_removed", "C", "int find(const char *name) {\n    if (*name == '\\0') {\n        return -1;\n"
        "    }\n    return look(name);\n}\n"),
    ("permission_check_removed", "Go", "func (c *Config) Check() error {\n\tif c.Token != \"\" && c.Authorization != "
        "nil {\n\t\treturn errors.New(\"at most one\")\n\t}\n\treturn c.rest()\n}\n"),
    ("validation_removed", "Python", "def role(name):\n    if name not in ROLES:\n        raise ValueError(name)\n"
        "    return ROLES[name]\n"),
    ("limit_check_removed", "Go", "func walk(n node, level int) {\n\tif level > 20 {\n\t\tpanic(\"deep\")\n\t}\n"
        "\tvisit(n)\n}\n"),
    ("check_result_ignored", "Java", "List order(List all) {\n    if (!validateOrder()) {\n        return all;\n    }\n"
        "    return check(all);\n}\n"),
    ("bounds_check_removed", "C#", "public void Turn()\n{\n    int r = Reverse(this.x);\n    if (r < 0)\n    {\n     "
        "   throw new Failure();\n    }\n}\n"),
    ("bounds_check_removed", "Python", "def half(n):\n    if n > 1:\n        n = n - 1\n    return n\n"),
    ("validation_removed", "Go", "func (t tree) has(p string) bool {\n\tif t.leaf(p) {\n\t\treturn false\n\t}\n"
        "\treturn true\n}\n"),
    ("validation_removed", "Python", "def even(n):\n    if n % 2 == 1:\n        return False\n    return True\n"),
    ("validation_removed", "Python", "def pick(a, b):\n    if a and b:\n        raise ValueError('both')\n    return "
        "a or b\n"),
    ("validation_removed", "Python", "def test_port(n):\n    if n < 1:\n        raise ValueError(n)\n    return n\n"),
    ("null_check_removed", "Python", "def first(names):\n    if names is None:\n        return None\n    return "
        "names[0]\n"),
    ("null_check_removed", "C", "int put(struct box *b, int n) {\n    if (b == NULL) {\n        return -1;\n    }\n  "
        "  return n + 1;\n}\n"),
    ("bounds_check_off_by_one", "C", "int half(int n, int max) {\n    if (n >= max) {\n        return -1;\n    }\n   "
        " return n / 2;\n}\n"),
    ("check_call_removed", "Python", "def ready(self):\n    ok = self.check_state()\n    return ok\n"),
    ("check_call_removed", "Java", "int size(String name) {\n    Objects.requireNonNull(name);\n    return "
        "name.length();\n}\n"),
    ("check_result_ignored", "C", "int size(struct list *l) {\n    if (length(l) == 0) {\n        return -1;\n    }\n"
        "    return 1;\n}\n"),
    ("checks_must_all_fail", "Python", "def port(n):\n    if n < 1 or n > 65535:\n        n = 1\n    return n\n"),
    ("check_narrowed", "Python", "def port(n):\n    if n < 1 and n > 65535:\n        raise ValueError(n)\n    return "
        "n\n"),
    ("check_only_reported", "JavaScript", "function port(n) {\n  if (n > 65535) {\n    n = 1;\n  }\n  return n;\n}\n"),
    ("denial_by_default_lost", "Python", "def is_even(n):\n    if n % 2:\n        return True\n    return False\n"),
    ("pattern_unanchored", "Ruby", "def word?(text)\n  text.match?(/[a-z]+/)\nend\n"),
    ("pattern_backtracks", "Python", "def word(text):\n    return re.match(r\"[a-z]{2};\", text)\n"),
    ("decoding_failure_uncaught", "Python", "def go(text):\n    try:\n        run(text)\n    except OSError:\n       "
        " return None\n    return 1\n"),
    ("type_assertion_unchecked", "Go", "func Use(v any) bool {\n\t_, ok := v.(*Store)\n\treturn ok\n}\n"),
    ("clamp_removed", "JavaScript", "function low(a, b) {\n  return Math.min(a, b);\n}\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "language", "code", "before", "after"), MADE)
def test_a_check_is_weakened(name: str, language: str, code: str, before: str, after: str, made: Lines) -> None:
    assert code.replace(before, after, 1) in made(name, language, code)


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE)
def test_other_code_is_left_alone(name: str, language: str, code: str, made: Lines) -> None:
    assert made(name, language, code) == []
