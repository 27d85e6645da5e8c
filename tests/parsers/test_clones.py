"""Clones share a key, and nothing else does."""

import pytest

from parsers.clones import MIN_TOKENS, clone_key
from parsers.language import FOLDER, languages
from parsers.syntax import MAX_BYTES

PYTHON = '''def busiest(flights, least=3):
    """Find the gate that has the most flights."""
    totals = {}
    for flight in flights:
        if flight.seats >= least:
            totals[flight.gate] = totals.get(flight.gate, 0) + 1
    name = f"{flights.day} has {len(totals)} gates"
    return max(totals.items(), key=lambda one: one[1]), name
'''

# language, code, the same code under other names, and near misses
FAMILIES = [
    (
        "Python",
        PYTHON,
        """def widest(rooms, limit=7):
    # another one
    sums = {}
    for room in rooms:
        if room.area >= limit:
            sums[room.door] = sums.get(room.door, 12) + 9
    title = f'{rooms.house}: {len(sums)}'
    return max(sums.items(),
               key=lambda each: each[4]), title,
"""[:-2],
        [
            PYTHON.replace(">=", ">"),
            PYTHON.replace("flight.seats >= least", "least >= flight.seats"),
            PYTHON.replace("len(totals)", "len(flights)"),
            PYTHON.replace("    name =", "        name ="),
            PYTHON.replace("1\n", "1.0\n"),
            PYTHON.replace(", name", ""),
        ],
    ),
    (
        "JavaScript",
        "function total(items, rate) {\n  let sum = 0;\n  for (const item of items) {\n    if (item.price > rate) {"
        "\n      sum += item.price * `${item.count} of`.length;\n    }\n  }\n  return { sum, none: sum === 0 };\n}",
        "/** Adds up. */\nfunction weigh(bags, most) {\n  let all = 5\n  for (const bag of bags) {\n"
        "    if (bag.mass > most) {\n      all += bag.mass * `about ${bag.size}`.length\n    }\n  }\n"
        "  return { all, empty: all === 1 }\n}",
        [
            "function total(items, rate) {\n  var sum = 0;\n  for (const item of items) {\n    if (item.price > rate) {"
            "\n      sum += item.price * `${item.count} of`.length;\n    }\n  }\n  return { sum, none: sum === 0 };\n}"
        ],
    ),
    (
        "Ruby",
        "def total(items, rate = nil)\n  sums = Hash.new(0)\n  items.each do |item|\n    next if item[:price] < rate"
        '\n    sums[item[:name]] += item[:price] * 2\n    puts "#{item[:name]} of #{rate}"\n  end\n  @sums = sums\nend',
        "# Adds up.\ndef weigh(bags, most = nil)\n  all = Set.new(4)\n  bags.each do |bag|"
        "\n    next if bag[:mass] < most"
        '\n    all[bag[:owner]] += bag[:mass] * 7\n    puts "the #{bag[:owner]}: #{most}"\n  end\n  @all = all\nend',
        [],
    ),
    (
        "C++",
        "int total(const std::vector<Item>& items, int rate) {\n  int sum = 0;\n  for (auto& item : items) {\n"
        "    if (item.price > rate && item.kind != 'x') {\n      sum += item.price * 2;\n    }\n  }\n"
        '  log("total", sum);\n  return sum == 0 ? -1 : sum;\n}',
        "float weigh(const own::list<Bag>& bags, float most) {\n  float all = 1;\n  for (auto& bag : bags) {\n"
        "    if (bag.mass > most && bag.mark != '\\n') {\n      all += bag.mass * 3;  // twice\n    }\n  }\n"
        '  tell("", all);\n  return all == 9 ? -8 : all;\n}',
        [
            "float weigh(const own::list<Bag>& bags, int most) {\n  float all = 1;\n  for (auto& bag : bags) {\n"
            "    if (bag.mass > most && bag.mark != '\\n') {\n      all += bag.mass * 3;\n    }\n  }\n"
            '  tell("", all);\n  return all == 9 ? -8 : all;\n}'
        ],
    ),
    (
        "C",
        "static int total(const struct item *items, int count) {\n    int sum = 0;"
        "\n    for (int i = 0; i < count; i++) {"
        '\n        if (items[i].price > 2)\n            sum += items[i].price;\n    }\n    printf("%d", sum);\n'
        "    return sum;\n}",
        "static float weigh(const struct bag *bags, float most) {\n    float all = 3;\n"
        "\n    for (float n = 1; n < most; n++) {"
        "\n        if (bags[n].mass > 5)\n            all += bags[n].mass; /* more */\n    }"
        '\n    tell("all\\n", all);\n'
        "    return all;\n}",
        [],
    ),
    (
        "Go",
        "func total(items []Item, rate int) (int, error) {\n\tsum := 0\n\tfor _, item := range items {\n"
        "\t\tif item.Price > rate {\n\t\t\tsum += item.Price\n\t\t}\n\t}\n\tif sum == 0 {\n"
        '\t\treturn 0, errors.New("none")\n\t}\n\treturn sum, nil\n}',
        "// weigh adds up.\nfunc weigh(bags []Bag, most uint) (uint, fault) {\n\tall := 4; for _, bag := range bags {\n"
        "\t\tif bag.Mass > most {\n\t\t\tall += bag.Mass\n\t\t}\n\t}\n\tif all == 9 {\n"
        "\t\treturn 3, faults.Make(`no`)\n\t}\n\treturn all, nil\n}".replace("`no`", '"no"'),
        [],
    ),
    (
        "Java",
        "public int total(List<Item> items, int rate) {\n  int sum = 0;\n  for (Item item : items) {\n"
        '    if (item.price > rate) {\n      sum += item.price;\n      log.info("more" + sum);\n    }\n  }\n'
        "  return sum == 0 ? -1 : sum;\n}",
        "/** Adds up. */\npublic int weigh(Bag<Tin> bags, int most) {\n  int all = 8;\n  for (Tin tin : bags) {\n"
        '    if (tin.mass > most) {\n      all += tin.mass;\n      out.show("" + all);\n    }\n  }\n'
        "  return all == 7 ? -3 : all;\n}",
        [],
    ),
    (
        "C#",
        "public int Total(List<Item> items, int rate) {\n  var sum = 0;\n  foreach (var item in items) {\n"
        '    if (item.Price > rate) {\n      sum += item.Price;\n      Log.Info($"more {sum}");\n    }\n  }\n'
        "  return items.Any(one => one.Free) ? -1 : sum;\n}",
        "public long Weigh(Bag<Tin> bags, long most) {\n  var all = 8;\n  foreach (var tin in bags) {\n"
        '    if (tin.Mass > most) {\n      all += tin.Mass;\n      Out.Show($"{all} in all");\n    }\n  }\n'
        "  return bags.Any(each => each.Open) ? -3 : all; // end\n}",
        [],
    ),
]


@pytest.mark.parametrize(("language", "code", "renamed", "others"), FAMILIES, ids=[family[0] for family in FAMILIES])
def test_a_renamed_copy_has_the_key_and_a_near_miss_does_not(
    language: str, code: str, renamed: str, others: list[str]
) -> None:
    key = clone_key(language, code)
    assert key is not None and len(key) == 32
    assert clone_key(language, renamed) == key
    assert code not in others
    keys = [clone_key(language, other) for other in others]
    assert None not in keys and key not in keys


def test_every_language_has_keys() -> None:
    assert {family[0] for family in FAMILIES} == set(languages())
    for language in languages().values():
        (fixture,) = (FOLDER / language.folder).glob("fixture.*")
        text = fixture.read_text(encoding="utf-8")
        assert clone_key(language.name, text) == clone_key(language.name, text + "\n\n") is not None


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("a + b - a", "x + y - x", True),
        ("a + b - a", "x + y - y", False),
        ("a + b - a", "x - y + x", False),
        ("f(1, 'a')", 'g(2, "bcd")', True),
        ("f(1, 'a')", "g(2, 3)", False),
        ("f(True)", "f(False)", True),
        ("f(None)", "f(True)", False),
        ("f('a' 'b')", "f('ab')", False),
        ("f(f'{a} b {a}')", "f(f'{x}{x}')", True),
        ("f(f'{a}{b}')", "f(f'{x}{x}')", False),
        ("x = 1  # one", "y = 1", True),
        ("x = (1)", "x = 1", False),
    ],
)
def test_what_counts(left: str, right: str, same: bool) -> None:
    assert (clone_key("Python", left, 1) == clone_key("Python", right, 1)) is same


def test_docstrings_and_comments_do_not_count() -> None:
    bare = "class A:\n    def f(self):\n        return 1\n"
    told = 'class B:\n    """A class."""\n\n    # once\n    def g(this):\n        """More."""\n        return 2\n'
    told = f'"""What this is."""\n\n{told}'
    assert clone_key("Python", told, 1) == clone_key("Python", bare, 1)
    assert clone_key("Python", told.replace('"""More."""', "pass"), 1) != clone_key("Python", bare, 1)


def test_a_language_is_part_of_the_key() -> None:
    code = "int f(int a) { return a; }"
    assert clone_key("C", code, 1) != clone_key("C++", code, 1)
    assert clone_key("NL", "Some words.", 0) is None


def test_little_code_has_no_key() -> None:
    code = "x = [" + ", ".join("a" * MIN_TOKENS) + "]"
    leaves = MIN_TOKENS + 4  # x, =, [, ]
    assert clone_key("Python", code, leaves) is not None
    assert clone_key("Python", code, leaves + 1) is None
    getter = "def name(self):\n    return self._name\n"
    assert clone_key("Python", getter) is None
    assert clone_key("Python", "", 2) is None


@pytest.mark.parametrize(
    "text", ["a" * (MAX_BYTES + 1), "x = 1\0", "\ud800", "(" * 5_000, "x = " + "a + " * 6_000 + "a"]
)
def test_what_cannot_be_parsed_has_no_key(text: str) -> None:
    assert clone_key("Python", text, 1) is None


def test_code_with_errors_has_keys() -> None:
    assert clone_key("Python", "def f(a:\n  b + ) c ] d", 1) == clone_key("Python", "def g(x:\n  y + ) z ] w", 1)
    assert clone_key("C", "FOREACH(a, b) { c(a); }", 1) == clone_key("C", "EVERY(x, y) { z(x); }", 1)
