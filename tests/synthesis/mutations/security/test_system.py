"""Operators on cryptography, exposure, memory and the system: the exact form, and what stays."""

from collections.abc import Callable

import pytest

Lines = Callable[[str, str, str], list[str]]

MADE = [
    ("weak_hash", "Python", "made = hashlib.sha256(data).hexdigest()", "made = hashlib.md5(data).hexdigest()"),
    (
        "weak_hash",
        "Java",
        'var made = MessageDigest.getInstance("SHA-256");',
        'var made = MessageDigest.getInstance("MD5");',
    ),
    ("weak_hash", "Go", "made := sha256.New()", "made := md5.New()"),
    ("weak_random", "Java", "byte[] salt = fill(new SecureRandom());", "byte[] salt = fill(new Random());"),
    ("weak_random", "Ruby", "token = SecureRandom.hex(16)", "token = rand(2**64).to_s(16)"),
    (
        "key_effort_lowered",
        "Python",
        'key = hashlib.pbkdf2_hmac("sha256", data, name, 600000)',
        'key = hashlib.pbkdf2_hmac("sha256", data, name, 100)',
    ),
    ("comparison_leaks_time", "Python", "same = hmac.compare_digest(name, path)", "same = name == path"),
    ("comparison_leaks_time", "Go", "same := hmac.Equal(data, other)", "same := bytes.Equal(data, other)"),
    (
        "certificate_unchecked",
        "JavaScript",
        "const a = new https.Agent({ rejectUnauthorized: true });",
        "const a = new https.Agent({ rejectUnauthorized: false });",
    ),
    (
        "certificate_unchecked",
        "Python",
        "page = requests.get(name, timeout=3)",
        "page = requests.get(name, timeout=3, verify=False)",
    ),
    ("protocol_downgraded", "Go", "low := tls.VersionTLS12", "low := tls.VersionTLS10"),
    (
        "transport_in_clear",
        "Python",
        'page = fetch("https://api.store.org/v1")',
        'page = fetch("http://api.store.org/v1")',
    ),
    (
        "error_detail_answered",
        "JavaScript",
        "try { go(); } catch (err) { res.send('internal error'); }",
        "try { go(); } catch (err) { res.send(err.stack); }",
    ),
    (
        "cookie_flag_lost",
        "JavaScript",
        "res.cookie('id', name, { httpOnly: true });",
        "res.cookie('id', name, { httpOnly: false });",
    ),
    ("cookie_flag_lost", "Python", 'answer.set_cookie("id", name, secure=True)', 'answer.set_cookie("id", name)'),
    (
        "inner_state_shared",
        "Java",
        "if (path == null) return Collections.unmodifiableList(names);",
        "if (path == null) return names;",
    ),
    ("permissions_widened", "Go", "err := os.WriteFile(path, data, 0600)", "err := os.WriteFile(path, data, 0666)"),
    (
        "exclusive_creation_lost",
        "C",
        "int fd = open(path, O_CREAT | O_EXCL | O_RDWR, mode);",
        "int fd = open(path, O_CREAT | O_RDWR, mode);",
    ),
    (
        "exclusive_creation_lost",
        "C#",
        "var f = new FileStream(path, FileMode.CreateNew);",
        "var f = new FileStream(path, FileMode.Create);",
    ),
    ("descriptor_flag_lost", "C", "int fd = open(path, O_RDONLY | O_NOFOLLOW);", "int fd = open(path, O_RDONLY);"),
    ("limit_removed", "Python", "page = requests.get(name, timeout=10)", "page = requests.get(name)"),
    ("limit_removed", "Go", "body := read(io.LimitReader(in, 1024))", "body := read(in)"),
    ("lock_removed", "Ruby", "@mutex.synchronize { @size += 1 }", "@size += 1"),
    ("atomic_update_lost", "Java", "hits.incrementAndGet();", "hits.set(hits.get() + 1);"),
    (
        "atomic_update_lost",
        "Java",
        "if (open.compareAndSet(true, false)) {\n      release(path);\n    }",
        "if (open.get()) {\n      open.set(false);\n      release(path);\n    }",
    ),
    ("atomic_update_lost", "C#", "Interlocked.Increment(ref _hits);", "_hits++;"),
    ("atomic_update_lost", "C++", "hits_.fetch_add(1);", "hits_ = hits_ + 1;"),
    ("size_argument_dropped", "C", "strncpy(name, path, size);", "strcpy(name, path);"),
    ("size_argument_dropped", "C", 'snprintf(name, size, "%s/a", path);', 'sprintf(name, "%s/a", path);'),
    ("size_argument_dropped", "C++", "int v = all.at(i);", "int v = all[i];"),
    (
        "size_argument_dropped",
        "C++",
        "std::string s = std::string(path, path_len);",
        "std::string s = std::string(path);",
    ),
    ("size_argument_enlarged", "C", "strncpy(name, path, sizeof(name) - 1);", "strncpy(name, path, sizeof(name));"),
    ("size_argument_enlarged", "C", "memcpy(name, path, size);", "memcpy(name, path, size + 1);"),
    ("buffer_made_small", "C", "char *copy = malloc(strlen(path) + 1);", "char *copy = malloc(strlen(path));"),
    ("buffer_made_small", "C", "char buffer[NAME_MAX + 1];", "char buffer[NAME_MAX];"),
    (
        "memory_not_cleared",
        "C",
        "struct item *all = calloc(size, sizeof(struct item));",
        "struct item *all = malloc(size * sizeof(struct item));",
    ),
    ("memory_not_cleared", "C", "struct item one = {0};", "struct item one;"),
    ("memory_not_cleared", "C", "memset(name, 0, size);", ""),
    ("memory_not_cleared", "JavaScript", "const room = Buffer.alloc(size);", "const room = Buffer.allocUnsafe(size);"),
    ("secret_not_cleared", "C", "explicit_bzero(password, size);", ""),
]

LEFT_ALONE = [
    ("weak_hash", "Python", "# hashlib.sha256 is not needed here"),
    ("weak_random", "Python", "one = random.choice(data)"),
    ("comparison_leaks_time", "Python", "same = name == path"),
    ("certificate_unchecked", "JavaScript", "const a = new https.Agent({ keepAlive: true });"),
    ("transport_in_clear", "Python", 'page = fetch("https://example.org/docs")'),
    ("error_detail_answered", "JavaScript", "res.send('internal error');"),
    ("cookie_flag_lost", "JavaScript", "const options = { secure: true };"),
    ("inner_state_shared", "Java", "if (path == null) return new ArrayList<>(size);"),
    ("permissions_widened", "Go", "size = 600"),
    ("limit_removed", "Python", "timeout = 10"),
    ("lock_removed", "Ruby", "@mutex.synchronize { @ready.wait(@mutex) }"),
    ("atomic_update_lost", "C++", "int old = hits_.fetch_add(1);"),
    ("limit_removed", "Python", "page = wait(name, timeout=10)"),
    ("descriptor_flag_lost", "Go", "info, err := os.Lstat(path)"),
    ("inner_state_shared", "C#", "if (path == null) return _names.ToArray();"),
    ("size_argument_dropped", "C", "int same = strncmp(name, path, size);"),
    ("size_argument_dropped", "C", 'strncpy(name, "none", size);'),
    ("size_argument_dropped", "C++", "Slice s = Slice(name.data() + n, name.size() - n);"),
    ("size_argument_enlarged", "C", "memset(name, 0, 16);"),
    ("buffer_made_small", "C", "int *all = malloc(size);"),
    ("memory_not_cleared", "C", "memset(name, 1, size);"),
]

WHOLE = [
    (
        "secret_logged", "Python",
        'def login(user, password):\n    """Sign in."""\n    return user.check(password)\n',
        "    return", '    print("password", password)\n    return',
    ),
    (
        "secret_logged", "C", "int login(const char *password) {\n    return check(password);\n}\n",
        "    return", '    printf("login: password=%s\\n", password);\n    return',
    ),
    (
        "secret_logged", "JavaScript", "function login(token) {\n  return check(token)\n}\n",
        "  return", "  console.debug(`login ${token}`)\n  return",
    ),
    (
        "error_detail_answered", "Python",
        "def show(request):\n    try:\n        go(request)\n    except ValueError as error:\n"
        '        return Response("internal error")\n    return None\n',
        '"internal error"', "str(error)",
    ),
    (
        "error_detail_answered", "Go",
        "func show(w http.ResponseWriter) {\n\terr := work()\n\tif err != nil {\n"
        '\t\thttp.Error(w, "internal error", 500)\n\t}\n}\n',
        '"internal error"', "err.Error()",
    ),
    (
        "lock_removed", "Go",
        "func (c *box) put(n int) {\n\tc.mu.Lock()\n\tdefer c.mu.Unlock()\n\n\tc.n = n\n}\n",
        "\tc.mu.Lock()\n\tdefer c.mu.Unlock()\n\n", "",
    ),
    (
        "lock_removed", "C",
        "void put(struct box *b, int n) {\n    pthread_mutex_lock(&b->lock);\n    b->n = n;\n    b->all += n;\n"
        "    pthread_mutex_unlock(&b->lock);\n}\n",
        "    pthread_mutex_lock(&b->lock);\n    b->n = n;\n    b->all += n;\n    pthread_mutex_unlock(&b->lock);\n",
        "    b->n = n;\n    b->all += n;\n",
    ),
    (
        "lock_removed", "C++", "void Put(int n) {\n  std::lock_guard<std::mutex> lock(mutex_);\n  n_ = n;\n}\n",
        "  std::lock_guard<std::mutex> lock(mutex_);\n", "",
    ),
    (
        "lock_removed", "C#", "void Put(int n)\n{\n    lock (_gate)\n    {\n        _n = n;\n        _all += n;\n    "
            "}\n}\n",
        "    lock (_gate)\n    {\n        _n = n;\n        _all += n;\n    }\n", "    _n = n;\n    _all += n;\n",
    ),
    (
        "lock_removed", "Java", "public synchronized void put(int n) {\n    this.n = n;\n}\n",
        "synchronized ", "",
    ),
    (
        "lock_removed", "Python", "def put(self, n):\n    with self._lock:\n        self.n = n\n        self.all += "
            "n\n",
        "    with self._lock:\n        self.n = n\n        self.all += n\n", "    self.n = n\n    self.all += n\n",
    ),
    (
        "terminator_omitted", "C",
        "void put(char *to, const char *from, size_t n) {\n    memcpy(to, from, n);\n    to[n] = '\\0';\n    show(to)"
        ";\n}\n",
        "    to[n] = '\\0';\n", "",
    ),
    (
        "overflow_check_removed", "C",
        "void *many(size_t n, size_t each) {\n    if (n > SIZE_MAX / each) {\n        return NULL;\n    }\n"
        "    return malloc(n * each);\n}\n",
        "    if (n > SIZE_MAX / each) {\n        return NULL;\n    }\n", "",
    ),
    (
        "freed_pointer_kept", "C", "void drop(struct box *b) {\n    free(b->name);\n    b->name = NULL;\n    b->n = "
            "0;\n}\n",
        "    b->name = NULL;\n", "",
    ),
    (
        "freed_before_last_use", "C",
        "struct item *pop(struct item *i) {\n    struct item *next = i->next;\n    free(i);\n    return next;\n}\n",
        "    struct item *next = i->next;\n    free(i);\n", "    free(i);\n    struct item *next = i->next;\n",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "language", "before", "after"), MADE)
def test_a_line_is_made_weak(name: str, language: str, before: str, after: str, lines: Lines) -> None:
    found = [line.strip() for line in lines(name, language, before)]
    assert after in found


@pytest.mark.parametrize(("name", "language", "line"), LEFT_ALONE)
def test_other_lines_are_left_alone(name: str, language: str, line: str, lines: Lines) -> None:
    assert lines(name, language, line) == []


@pytest.mark.parametrize(("name", "language", "code", "before", "after"), WHOLE)
def test_a_function_is_made_weak(name: str, language: str, code: str, before: str, after: str, made: Lines) -> None:
    assert code.replace(before, after) in made(name, language, code)


def test_what_is_no_secret_is_not_logged(made: Lines) -> None:
    assert made("secret_logged", "Python", "def fetch(url, token_count):\n    return get(url, token_count)\n") == []
    assert made("secret_logged", "C++", "void next(const std::string& token) {\n  take(token);\n}\n") == []
    assert made("secret_logged", "C", "int login(const char **passwords) {\n    return check(passwords);\n}\n") == []


def test_a_buffer_that_was_zeroed_needs_no_terminator(made: Lines) -> None:
    code = (
        "char *put(const char *from, size_t n) {\n    char *to = calloc(1, n + 1);\n    memcpy(to, from, n);\n    "
        "to[n] = 0;\n    return to;\n}\n"
    )
    assert made("terminator_omitted", "C", code) == []
