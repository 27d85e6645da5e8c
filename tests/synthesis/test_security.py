"""Operators of `synthesis.mutations.security` on real forms: the exact mutant, and code that they must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants

BY_NAME = {one.name: one for one in OPERATORS["security_hardness"]}

MADE = [
    (
        "null_check_removed",
        "C",
        ("int list_len(struct list *l) {\n    if (l == NULL) {\n        return -1;\n    }\n    return l->size;\n}\n"),
        ("int list_len(struct list *l) {\n    return l->size;\n}\n"),
    ),
    (
        "null_check_removed",
        "Java",
        (
            "int size(List<String> names) {\n"
            "    if (names == null) {\n"
            '        throw new IllegalArgumentException("names");\n'
            "    }\n"
            "    return names.size();\n"
            "}\n"
        ),
        ("int size(List<String> names) {\n    return names.size();\n}\n"),
    ),
    (
        "bounds_check_removed",
        "Go",
        (
            "func At(items []int, i int) (int, error) {\n"
            "\tif i >= len(items) {\n"
            '\t\treturn 0, errors.New("out of range")\n'
            "\t}\n"
            "\treturn items[i], nil\n"
            "}\n"
        ),
        ("func At(items []int, i int) (int, error) {\n\treturn items[i], nil\n}\n"),
    ),
    (
        "bounds_check_removed",
        "Python",
        (
            "def at(items, index):\n"
            "    if index >= len(items):\n"
            "        raise IndexError(index)\n"
            "    return items[index]\n"
        ),
        ("def at(items, index):\n    return items[index]\n"),
    ),
    (
        "validation_removed",
        "Ruby",
        (
            "def open_page(name)\n"
            '  raise ArgumentError, "bad name" unless name.match?(/\\A\\w+\\z/)\n'
            "  File.read(name)\n"
            "end\n"
        ),
        ("def open_page(name)\n  File.read(name)\nend\n"),
    ),
    (
        "validation_removed",
        "JavaScript",
        (
            "function join(base, name) {\n"
            "  // no way out of the folder\n"
            '  if (name.includes("..")) {\n'
            '    throw new Error("bad name");\n'
            "  }\n"
            '  return base + "/" + name;\n'
            "}\n"
        ),
        ('function join(base, name) {\n  return base + "/" + name;\n}\n'),
    ),
    (
        "check_call_removed",
        "Python",
        ("def transfer(self, account, amount):\n    self.check_permission(account)\n    account.balance -= amount\n"),
        ("def transfer(self, account, amount):\n    account.balance -= amount\n"),
    ),
    (
        "check_call_removed",
        "Java",
        ('void add(String name) {\n    Objects.requireNonNull(name, "name");\n    names.add(name);\n}\n'),
        ("void add(String name) {\n    names.add(name);\n}\n"),
    ),
    (
        "check_skipped_when_missing",
        "Python",
        (
            "def login(user, password):\n"
            "    if user.locked or user.deleted:\n"
            '        raise ValueError("closed")\n'
            "    return user.check(password)\n"
        ),
        (
            "def login(user, password):\n"
            "    if (user.locked or user.deleted) and password:\n"
            '        raise ValueError("closed")\n'
            "    return user.check(password)\n"
        ),
    ),
    (
        "check_skipped_when_missing",
        "Go",
        (
            "func Read(path string, limit int) error {\n"
            "\tif limit > 100 {\n"
            '\t\treturn errors.New("too long")\n'
            "\t}\n"
            "\treturn load(path, limit)\n"
            "}\n"
        ),
        (
            "func Read(path string, limit int) error {\n"
            '\tif limit > 100 && path != "" {\n'
            '\t\treturn errors.New("too long")\n'
            "\t}\n"
            "\treturn load(path, limit)\n"
            "}\n"
        ),
    ),
    (
        "check_skipped_when_missing",
        "C",
        (
            "int put(struct box *box, size_t n, char *name) {\n"
            "    if (n > box->room) {\n"
            "        return -1;\n"
            "    }\n"
            "    return store(box, n, name);\n"
            "}\n"
        ),
        (
            "int put(struct box *box, size_t n, char *name) {\n"
            "    if (n > box->room && name) {\n"
            "        return -1;\n"
            "    }\n"
            "    return store(box, n, name);\n"
            "}\n"
        ),
    ),
    (
        "check_skipped_when_missing",
        "Java",
        (
            "void move(Point from, int steps) {\n"
            "    if (steps > 10) {\n"
            "        throw new IllegalStateException();\n"
            "    }\n"
            "    from.add(steps);\n"
            "}\n"
        ),
        (
            "void move(Point from, int steps) {\n"
            "    if (steps > 10 && from != null) {\n"
            "        throw new IllegalStateException();\n"
            "    }\n"
            "    from.add(steps);\n"
            "}\n"
        ),
    ),
    (
        "checks_must_all_fail",
        "JavaScript",
        ('function port(n) {\n  if (n < 1 || n > 65535) {\n    throw new RangeError("port");\n  }\n  return n;\n}\n'),
        ('function port(n) {\n  if (n < 1 && n > 65535) {\n    throw new RangeError("port");\n  }\n  return n;\n}\n'),
    ),
    (
        "check_narrowed",
        "Python",
        ("def port(n):\n    if n < 1 or n > 65535:\n        raise ValueError(n)\n    return n\n"),
        ("def port(n):\n    if n < 1:\n        raise ValueError(n)\n    return n\n"),
    ),
    (
        "check_only_reported",
        "Ruby",
        ('def port(n)\n  raise ArgumentError, "bad port" if n > 65535\n  n\nend\n'),
        ('def port(n)\n  puts "bad port" if n > 65535\n  n\nend\n'),
    ),
    (
        "check_only_reported",
        "C#",
        (
            "int Port(int n) {\n"
            "    if (n > 65535) {\n"
            '        throw new ArgumentException("bad port");\n'
            "    }\n"
            "    return n;\n"
            "}\n"
        ),
        ('int Port(int n) {\n    if (n > 65535) {\n        Debug.WriteLine("bad port");\n    }\n    return n;\n}\n'),
    ),
    (
        "secret_logged",
        "Python",
        ('def login(user, password):\n    """Sign in."""\n    return user.check(password)\n'),
        ('def login(user, password):\n    """Sign in."""\n    print("user", user)\n    return user.check(password)\n'),
    ),
    (
        "secret_logged",
        "Go",
        ("func Login(token string) error {\n\treturn check(token)\n}\n"),
        ('func Login(token string) error {\n\tfmt.Println("Login", token)\n\treturn check(token)\n}\n'),
    ),
    (
        "catch_widened",
        "Python",
        (
            "def load(path):\n"
            "    try:\n"
            "        return read(path)\n"
            "    except OSError as error:\n"
            "        return report(error)\n"
        ),
        (
            "def load(path):\n"
            "    try:\n"
            "        return read(path)\n"
            "    except Exception as error:\n"
            "        return report(error)\n"
        ),
    ),
    (
        "catch_widened",
        "Java",
        (
            "int load(String path) {\n"
            "    try {\n"
            "        return read(path);\n"
            "    } catch (IOException e) {\n"
            "        return 0;\n"
            "    }\n"
            "}\n"
        ),
        (
            "int load(String path) {\n"
            "    try {\n"
            "        return read(path);\n"
            "    } catch (Exception e) {\n"
            "        return 0;\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "sanitiser_removed",
        "JavaScript",
        ('function link(name) {\n  return "/find?q=" + escapeHtml(name);\n}\n'),
        ('function link(name) {\n  return "/find?q=" + name;\n}\n'),
    ),
    (
        "size_argument_dropped",
        "C",
        ("void name(char *to, const char *from, size_t n) {\n    strncpy(to, from, n);\n    to[n - 1] = 0;\n}\n"),
        ("void name(char *to, const char *from, size_t n) {\n    strcpy(to, from);\n    to[n - 1] = 0;\n}\n"),
    ),
    (
        "size_argument_enlarged",
        "C",
        ("void name(char *to, const char *from, size_t n) {\n    memcpy(to, from, n);\n    to[n - 1] = 0;\n}\n"),
        ("void name(char *to, const char *from, size_t n) {\n    memcpy(to, from, n * 2);\n    to[n - 1] = 0;\n}\n"),
    ),
    (
        "weak_hash",
        "Python",
        ("def digest(data):\n    return hashlib.sha256(data).hexdigest()\n"),
        ("def digest(data):\n    return hashlib.md5(data).hexdigest()\n"),
    ),
    (
        "weak_random",
        "Java",
        (
            "byte[] nonce() {\n"
            "    byte[] made = new byte[12];\n"
            "    new SecureRandom().nextBytes(made);\n"
            "    return made;\n"
            "}\n"
        ),
        ("byte[] nonce() {\n    byte[] made = new byte[12];\n    new Random().nextBytes(made);\n    return made;\n}\n"),
    ),
    (
        "comparison_leaks_time",
        "Python",
        ("def same(a, b):\n    return hmac.compare_digest(a, b)\n"),
        ("def same(a, b):\n    return a == b\n"),
    ),
    (
        "certificate_unchecked",
        "JavaScript",
        ("function agent() {\n  return new https.Agent({ rejectUnauthorized: true });\n}\n"),
        ("function agent() {\n  return new https.Agent({ rejectUnauthorized: false });\n}\n"),
    ),
    (
        "permissions_widened",
        "Go",
        ("func save(path string, data []byte) error {\n\treturn os.WriteFile(path, data, 0600)\n}\n"),
        ("func save(path string, data []byte) error {\n\treturn os.WriteFile(path, data, 0666)\n}\n"),
    ),
    (
        "input_evaluated",
        "JavaScript",
        ("function parse(text) {\n  return JSON.parse(text);\n}\n"),
        ("function parse(text) {\n  return eval('(' + text + ')');\n}\n"),
    ),
    (
        "command_through_shell",
        "Python",
        ("def show(command):\n    return subprocess.run(command, check=True)\n"),
        ('def show(command):\n    return subprocess.run(" ".join(command), shell=True, check=True)\n'),
    ),
    (
        "limit_removed",
        "Python",
        ("def fetch(url):\n    return requests.get(url, timeout=10)\n"),
        ("def fetch(url):\n    return requests.get(url)\n"),
    ),
    (
        "pattern_unanchored",
        "Ruby",
        ("def word?(text)\n  text.match?(/\\A[a-z]+\\z/)\nend\n"),
        ("def word?(text)\n  text.match?(/^[a-z]+$/)\nend\n"),
    ),
    (
        "check_skipped_when_missing",
        "Ruby",
        (
            "def fetch(path, limit)\n"
            '  raise ArgumentError, "bad" unless path.start_with?("/")\n'
            "  read(path, limit)\n"
            "end\n"
        ),
        (
            "def fetch(path, limit)\n"
            '  raise ArgumentError, "bad" unless path.start_with?("/") || !limit\n'
            "  read(path, limit)\n"
            "end\n"
        ),
    ),
    (
        "check_skipped_when_missing",
        "C++",
        (
            "int put(const std::string& name, size_t n) {\n"
            "  if (n > kMax) {\n"
            '    throw std::length_error("n");\n'
            "  }\n"
            "  return store(name, n);\n"
            "}\n"
        ),
        (
            "int put(const std::string& name, size_t n) {\n"
            "  if (n > kMax && !name.empty()) {\n"
            '    throw std::length_error("n");\n'
            "  }\n"
            "  return store(name, n);\n"
            "}\n"
        ),
    ),
    (
        "check_skipped_when_missing",
        "C#",
        (
            "void Move(bool fast, int steps) {\n"
            "    if (steps > 10) {\n"
            '        throw new InvalidOperationException("steps");\n'
            "    }\n"
            "    Go(fast, steps);\n"
            "}\n"
        ),
        (
            "void Move(bool fast, int steps) {\n"
            "    if (steps > 10 && fast) {\n"
            '        throw new InvalidOperationException("steps");\n'
            "    }\n"
            "    Go(fast, steps);\n"
            "}\n"
        ),
    ),
    (
        "check_skipped_when_missing",
        "Java",
        (
            "void move(int from, int steps) {\n"
            "    if (steps > 10) {\n"
            "        throw new IllegalStateException();\n"
            "    }\n"
            "    go(from, steps);\n"
            "}\n"
        ),
        (
            "void move(int from, int steps) {\n"
            "    if (steps > 10 && from > 0) {\n"
            "        throw new IllegalStateException();\n"
            "    }\n"
            "    go(from, steps);\n"
            "}\n"
        ),
    ),
    (
        "check_skipped_when_missing",
        "Go",
        (
            "func Read(count int, names []string) error {\n"
            "\tif len(names) > 100 {\n"
            '\t\treturn errors.New("too long")\n'
            "\t}\n"
            "\treturn load(names, count)\n"
            "}\n"
        ),
        (
            "func Read(count int, names []string) error {\n"
            "\tif len(names) > 100 && count > 0 {\n"
            '\t\treturn errors.New("too long")\n'
            "\t}\n"
            "\treturn load(names, count)\n"
            "}\n"
        ),
    ),
    (
        "check_skipped_when_missing",
        "Go",
        (
            "func Read(quick bool, names []string) error {\n"
            "\tif len(names) > 100 {\n"
            '\t\treturn errors.New("too long")\n'
            "\t}\n"
            "\treturn load(names, quick)\n"
            "}\n"
        ),
        (
            "func Read(quick bool, names []string) error {\n"
            "\tif len(names) > 100 && quick {\n"
            '\t\treturn errors.New("too long")\n'
            "\t}\n"
            "\treturn load(names, quick)\n"
            "}\n"
        ),
    ),
    (
        "check_only_reported",
        "C",
        (
            "int put(struct box *box, int n) {\n"
            "    if (n > box->room) {\n"
            '        log_error("full");\n'
            "        return -1;\n"
            "    }\n"
            "    return store(box, n);\n"
            "}\n"
        ),
        (
            "int put(struct box *box, int n) {\n"
            "    if (n > box->room) {\n"
            '        log_error("full");\n'
            "    }\n"
            "    return store(box, n);\n"
            "}\n"
        ),
    ),
    (
        "sanitiser_removed",
        "Ruby",
        ("def show(name)\n  page = CGI.escapeHTML(name)\n  page + name.shellescape\nend\n"),
        ("def show(name)\n  page = name\n  page + name.shellescape\nend\n"),
    ),
    (
        "secret_logged",
        "C",
        ("int login(const char *password) {\n    return check(password);\n}\n"),
        (
            "int login(const char *password) {\n"
            '    printf("login: password=%s\\n", password);\n'
            "    return check(password);\n"
            "}\n"
        ),
    ),
    (
        "secret_logged",
        "JavaScript",
        ("function login(token) {\n  return check(token)\n}\n"),
        ("function login(token) {\n  console.debug(`login ${token}`)\n  return check(token)\n}\n"),
    ),
    (
        "size_argument_enlarged",
        "C",
        ("void name(char *to, const char *from) {\n    strncpy(to, from, sizeof(to) - 1);\n    to[0] = 0;\n}\n"),
        ("void name(char *to, const char *from) {\n    strncpy(to, from, sizeof(to));\n    to[0] = 0;\n}\n"),
    ),
    (
        "size_argument_dropped",
        "C++",
        ("int pick(const std::vector<int>& all, int i) {\n  return all.at(i);\n}\n"),
        ("int pick(const std::vector<int>& all, int i) {\n  return all[i];\n}\n"),
    ),
    (
        "null_check_removed",
        "Ruby",
        ("def size(names)\n  raise ArgumentError if names.nil?\n  names.size\nend\n"),
        ("def size(names)\n  names.size\nend\n"),
    ),
    (
        "sanitiser_removed",
        "JavaScript",
        ("function open(dir) {\n  dir = normalizePath(dir);\n  return read(dir);\n}\n"),
        ("function open(dir) {\n  return read(dir);\n}\n"),
    ),
    (
        "sanitiser_removed",
        "Go",
        ("func Open(dir string) error {\n\tdir = cleanPath(dir)\n\treturn read(dir)\n}\n"),
        ("func Open(dir string) error {\n\treturn read(dir)\n}\n"),
    ),
    (
        "sanitiser_removed",
        "Python",
        ("def load(path):\n    path = os.path.abspath(path)\n    return read(path)\n"),
        ("def load(path):\n    return read(path)\n"),
    ),
]

LEFT_ALONE = [
    (
        "bounds_check_removed",
        "C#",
        "public void Turn()\n{\n    int r = Reverse(this.x);\n    if (r < 0)\n    {\n"
        "        throw new Failure();\n    }\n}\n",
    ),
    (
        "catch_widened",
        "Python",
        "def shell():\n    try:\n        import IPython\n    except ImportError:\n        return None\n",
    ),
    (
        "validation_removed",
        "Go",
        "func (t tree) has(p string) bool {\n\tif t.leaf(p) {\n\t\treturn false\n\t}\n\treturn true\n}\n",
    ),
    (
        "null_check_removed",
        "Python",
        ("def first(names):\n    if names is None:\n        return None\n    return names[0]\n"),
    ),
    (
        "null_check_removed",
        "C",
        ("int put(struct box *b, int n) {\n    if (b == NULL) {\n        return -1;\n    }\n    return n + 1;\n}\n"),
    ),
    (
        "bounds_check_removed",
        "Python",
        ("def half(n):\n    if n > 1:\n        n = n - 1\n    return n\n"),
    ),
    (
        "validation_removed",
        "Python",
        ("def even(n):\n    if n % 2 == 1:\n        return False\n    return True\n"),
    ),
    (
        "check_call_removed",
        "Python",
        ("def ready(self):\n    ok = self.check_state()\n    return ok\n"),
    ),
    (
        "check_skipped_when_missing",
        "JavaScript",
        ('function take(name) {\n  if (!name) {\n    throw new Error("name");\n  }\n  return name;\n}\n'),
    ),
    (
        "checks_must_all_fail",
        "Python",
        ("def port(n):\n    if n < 1 or n > 65535:\n        n = 1\n    return n\n"),
    ),
    (
        "check_narrowed",
        "Python",
        ("def port(n):\n    if n < 1 and n > 65535:\n        raise ValueError(n)\n    return n\n"),
    ),
    (
        "check_only_reported",
        "JavaScript",
        ("function port(n) {\n  if (n > 65535) {\n    n = 1;\n  }\n  return n;\n}\n"),
    ),
    (
        "secret_logged",
        "Python",
        ("def add(left, right):\n    return left + right\n"),
    ),
    (
        "catch_widened",
        "Java",
        (
            "int load(String path) {\n"
            "    try {\n"
            "        return read(path);\n"
            "    } catch (final Throwable e) {\n"
            "        return 0;\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "sanitiser_removed",
        "JavaScript",
        ("function link(name) {\n  return unescapeHtml(name) + name.trim();\n}\n"),
    ),
    (
        "size_argument_dropped",
        "C",
        ("int same(const char *a, const char *b, size_t n) {\n    return strncmp(a, b, n);\n}\n"),
    ),
    (
        "size_argument_enlarged",
        "C",
        ("void none(char *to) {\n    memset(to, 0, 16);\n}\n"),
    ),
    (
        "weak_hash",
        "Python",
        ("def digest(data):\n    # hashlib.sha256 is not needed here\n    return hash(data)\n"),
    ),
    (
        "weak_random",
        "Python",
        ("def pick(items):\n    return random.choice(items)\n"),
    ),
    (
        "comparison_leaks_time",
        "Python",
        ("def same(a, b):\n    return a == b\n"),
    ),
    (
        "certificate_unchecked",
        "JavaScript",
        ("function agent() {\n  return new https.Agent({ keepAlive: true });\n}\n"),
    ),
    (
        "permissions_widened",
        "Go",
        ("func size() int {\n\treturn 600\n}\n"),
    ),
    (
        "input_evaluated",
        "Python",
        ('def one():\n    return int("1")\n'),
    ),
    (
        "command_through_shell",
        "Python",
        ('def show():\n    return subprocess.run(["ls", "-l"], check=True)\n'),
    ),
    (
        "limit_removed",
        "Python",
        ("def wait(timeout):\n    return timeout\n"),
    ),
    (
        "pattern_unanchored",
        "Ruby",
        ("def word?(text)\n  text.match?(/[a-z]+/)\nend\n"),
    ),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE, ids=[f"{row[0]}-{row[1]}" for row in MADE])
def test_makes_code_worse_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "security_hardness"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE)
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_has_an_example_and_a_reference() -> None:
    assert {row[0] for row in MADE} == set(BY_NAME)
    assert all(one.defect.endswith(".") and one.reference for one in BY_NAME.values())
