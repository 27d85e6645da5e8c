"""Repairs of security: the exact form on one line, and lines that nobody would call weak."""

from collections.abc import Callable

import pytest

Lines = Callable[[str, str, str], list[str]]

MADE = [
    ("loader_made_safe", "Python", "all = yaml.load(data)", "all = yaml.safe_load(data)"),
    ("loader_made_safe", "Python", "all = yaml.load(data, Loader=yaml.Loader)", "all = yaml.safe_load(data)"),
    ("loader_made_safe", "JavaScript", "const all = eval('(' + data + ')');", "const all = JSON.parse(data);"),
    ("loader_made_safe", "Ruby", "all = YAML.load(File.read(path))", "all = YAML.safe_load(File.read(path))"),
    ("certificate_checked", "Python", "page = requests.get(name, verify=False)", "page = requests.get(name)"),
    (
        "certificate_checked",
        "Go",
        "c := &tls.Config{InsecureSkipVerify: true}",
        "c := &tls.Config{InsecureSkipVerify: false}",
    ),
    ("permissions_narrowed", "C", "chmod(path, 0777);", "chmod(path, 0755);"),
    ("temporary_file_reserved", "Python", 'path = tempfile.mktemp(".txt")', 'path = tempfile.mkstemp(".txt")[1]'),
    (
        "allocation_overflow_checked",
        "C",
        "int *all = malloc(size * sizeof(int));",
        "int *all = calloc(size, sizeof(int));",
    ),
    (
        "secret_compared_in_constant_time",
        "Python",
        "same = signature == path",
        "same = hmac.compare_digest(signature, path)",
    ),
    (
        "secret_compared_in_constant_time",
        "Python",
        "other = path != expected_hmac",
        "other = not hmac.compare_digest(path, expected_hmac)",
    ),
    ("secret_compared_in_constant_time", "Go", "same := bytes.Equal(mac, data)", "same := hmac.Equal(mac, data)"),
    (
        "shell_avoided",
        "Python",
        'subprocess.run(f"git log {name}", shell=True)',
        'subprocess.run(["git", "log", name])',
    ),
]

LEFT_ALONE = [
    ("loader_made_safe", "Python", "all = yaml.load(data, Loader=yaml.SafeLoader)"),
    ("permissions_narrowed", "C", "int n = 0777;"),
    ("allocation_overflow_checked", "C", "char *all = malloc(size + 1);"),
    ("secret_compared_in_constant_time", "Python", "same = name == path"),
    ("shell_avoided", "Python", 'subprocess.run(f"git log {name} | wc", shell=True)'),
    ("shell_avoided", "Python", 'subprocess.run("git log", shell=True)'),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), MADE)
def test_a_weak_line_is_mended(name: str, language: str, before: str, after: str, lines: Lines) -> None:
    assert [line.strip() for line in lines(name, language, before)] == [after]


@pytest.mark.parametrize(("name", "language", "line"), LEFT_ALONE)
def test_other_lines_are_left_alone(name: str, language: str, line: str, lines: Lines) -> None:
    assert lines(name, language, line) == []


@pytest.mark.parametrize(
    ("weak", "sound"),
    [
        ("strcpy(to, from);", 'snprintf(to, sizeof(to), "%s", from);'),
        ('sprintf(to, "%s/a", from);', 'snprintf(to, sizeof(to), "%s/a", from);'),
        ("gets(to);", "fgets(to, sizeof(to), stdin);"),
    ],
)
def test_a_copy_into_an_array_is_bounded(weak: str, sound: str, made: Lines) -> None:
    code = f"int put(const char *from) {{\n    char to[64];\n    {weak}\n    return send(to);\n}}\n"
    assert made("copy_bounded", "C", code) == [code.replace(weak, sound)]
    assert made("copy_bounded", "C", code.replace("char to[64];", "char *to = room();")) == []


def test_a_copy_whose_length_was_checked_is_left_alone(made: Lines) -> None:
    code = (
        "int put(const char *from) {\n    char to[64];\n    if (strlen(from) > 63) return -1;\n    strcpy(to, from);\n"
    )
    assert made("copy_bounded", "C", code + "    return send(to);\n}\n") == []


def test_a_secret_is_drawn_from_a_secure_source(made: Lines) -> None:
    code = 'def make_token(letters):\n    return "".join(random.choice(letters) for _ in range(20))\n'
    assert made("secret_drawn_securely", "Python", code) == [code.replace("random.choice", "secrets.choice")]
    assert made("secret_drawn_securely", "Python", code.replace("make_token", "shuffle")) == []


def test_a_function_that_says_it_is_insecure_keeps_its_word(made: Lines) -> None:
    code = "def get_insecure(url):\n    start(url)\n    return requests.get(url, verify=False)\n"
    assert made("certificate_checked", "Python", code) == []
