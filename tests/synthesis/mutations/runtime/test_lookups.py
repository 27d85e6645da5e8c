"""`synthesis.mutations.runtime.lookups` on real forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import lookups

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"] if one.sites.__module__ == lookups.__name__}

MADE = [
    (
        "keys_listed_to_ask",
        "Ruby",
        ("def known?(names, name)\n  names.key?(name)\nend\n"),
        ("def known?(names, name)\n  names.keys.include?(name)\nend\n"),
    ),
    (
        "keys_listed_to_ask",
        "Java",
        ("boolean known(Map<String, String> names, String name) {\n    return names.containsKey(name);\n}\n"),
        (
            "boolean known(Map<String, String> names, String name) {\n"
            "    return new ArrayList<>(names.keySet()).contains(name);\n"
            "}\n"
        ),
    ),
    (
        "all_matches_for_one",
        "C#",
        ("bool Any(IEnumerable<int> all) {\n    return all.Any();\n}\n"),
        ("bool Any(IEnumerable<int> all) {\n    return all.Count() > 0;\n}\n"),
    ),
    (
        "all_matches_for_one",
        "JavaScript",
        ("function known(all, name) {\n  return all.some((one) => one === name);\n}\n"),
        ("function known(all, name) {\n  return all.filter((one) => one === name).length > 0;\n}\n"),
    ),
    (
        "key_looked_up_twice",
        "Go",
        (
            "func get(m map[string]int, k string) int {\n"
            "\tif v, ok := m[k]; ok {\n"
            "\t\treturn v + 1\n"
            "\t}\n"
            "\treturn 0\n"
            "}\n"
        ),
        (
            "func get(m map[string]int, k string) int {\n"
            "\tif _, ok := m[k]; ok {\n"
            "\t\tv := m[k]\n"
            "\t\treturn v + 1\n"
            "\t}\n"
            "\treturn 0\n"
            "}\n"
        ),
    ),
    (
        "key_looked_up_twice",
        "Go",
        (
            "func get(m map[string]int, k string) int {\n"
            "\tv, ok := m[k]\n"
            "\tif !ok {\n"
            "\t\treturn 0\n"
            "\t}\n"
            "\treturn v + 1\n"
            "}\n"
        ),
        (
            "func get(m map[string]int, k string) int {\n"
            "\t_, ok := m[k]\n"
            "\tif !ok {\n"
            "\t\treturn 0\n"
            "\t}\n"
            "\tv := m[k]\n"
            "\treturn v + 1\n"
            "}\n"
        ),
    ),
    (
        "key_looked_up_twice",
        "C#",
        (
            "int Get(Dictionary<string, int> map, string key) {\n"
            "    if (map.TryGetValue(key, out var value))\n"
            "    {\n"
            "        return value + 1;\n"
            "    }\n"
            "    return 0;\n"
            "}\n"
        ),
        (
            "int Get(Dictionary<string, int> map, string key) {\n"
            "    if (map.ContainsKey(key))\n"
            "    {\n"
            "        var value = map[key];\n"
            "        return value + 1;\n"
            "    }\n"
            "    return 0;\n"
            "}\n"
        ),
    ),
    (
        "key_looked_up_twice",
        "C++",
        (
            "int get(const std::map<int, int>& all, int key) {\n"
            "  auto it = all.find(key);\n"
            "  if (it == all.end()) {\n"
            "    return 0;\n"
            "  }\n"
            "  return it->second;\n"
            "}\n"
        ),
        (
            "int get(const std::map<int, int>& all, int key) {\n"
            "  if (!all.count(key)) {\n"
            "    return 0;\n"
            "  }\n"
            "  return all.at(key);\n"
            "}\n"
        ),
    ),
    (
        "entries_looked_up_again",
        "Python",
        ("def show(prices):\n    for name, price in prices.items():\n        print(name, price)\n"),
        ("def show(prices):\n    for name in prices:\n        price = prices[name]\n        print(name, price)\n"),
    ),
    (
        "entries_looked_up_again",
        "Java",
        (
            "void show(Map<String, Integer> prices) {\n"
            "    for (Map.Entry<String, Integer> one : prices.entrySet()) {\n"
            "        print(one.getKey(), one.getValue());\n"
            "    }\n"
            "}\n"
        ),
        (
            "void show(Map<String, Integer> prices) {\n"
            "    for (String key : prices.keySet()) {\n"
            "        print(key, prices.get(key));\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "entries_looked_up_again",
        "C#",
        (
            "void Show(Dictionary<string, int> prices) {\n"
            "    foreach (var one in prices)\n"
            "    {\n"
            "        Print(one.Key, one.Value);\n"
            "    }\n"
            "}\n"
        ),
        (
            "void Show(Dictionary<string, int> prices) {\n"
            "    foreach (var key in prices.Keys)\n"
            "    {\n"
            "        Print(key, prices[key]);\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "entries_looked_up_again",
        "Go",
        ("func show(prices map[string]int) {\n\tfor name, price := range prices {\n\t\tprint(name, price)\n\t}\n}\n"),
        (
            "func show(prices map[string]int) {\n"
            "\tfor name := range prices {\n"
            "\t\tprice := prices[name]\n"
            "\t\tprint(name, price)\n"
            "\t}\n"
            "}\n"
        ),
    ),
    (
        "entries_looked_up_again",
        "Ruby",
        ("def show(options)\n  options.each do |name, value|\n    puts name, value\n  end\nend\n"),
        (
            "def show(options)\n"
            "  options.each_key do |name|\n"
            "    value = options[name]\n"
            "    puts name, value\n"
            "  end\n"
            "end\n"
        ),
    ),
    (
        "membership_by_list",
        "Python",
        (
            "def twins(rows):\n"
            "    seen = set()\n"
            "    found = 0\n"
            "    for row in rows:\n"
            "        if row in seen:\n"
            "            found += 1\n"
            "        seen.add(row)\n"
            "    return found\n"
        ),
        (
            "def twins(rows):\n"
            "    seen = []\n"
            "    found = 0\n"
            "    for row in rows:\n"
            "        if row in seen:\n"
            "            found += 1\n"
            "        seen.append(row)\n"
            "    return found\n"
        ),
    ),
    (
        "membership_by_list",
        "JavaScript",
        (
            "function twins(rows) {\n"
            "  const seen = new Set();\n"
            "  let found = 0;\n"
            "  for (const row of rows) {\n"
            "    if (seen.has(row)) {\n"
            "      found += 1;\n"
            "    }\n"
            "    seen.add(row);\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
        (
            "function twins(rows) {\n"
            "  const seen = [];\n"
            "  let found = 0;\n"
            "  for (const row of rows) {\n"
            "    if (seen.includes(row)) {\n"
            "      found += 1;\n"
            "    }\n"
            "    seen.push(row);\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "membership_by_list",
        "Java",
        (
            "int twins(List<String> rows) {\n"
            "    Set<String> seen = new HashSet<>();\n"
            "    int found = 0;\n"
            "    for (String row : rows) {\n"
            "        if (seen.contains(row)) {\n"
            "            found++;\n"
            "        }\n"
            "        seen.add(row);\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "int twins(List<String> rows) {\n"
            "    List<String> seen = new ArrayList<>();\n"
            "    int found = 0;\n"
            "    for (String row : rows) {\n"
            "        if (seen.contains(row)) {\n"
            "            found++;\n"
            "        }\n"
            "        seen.add(row);\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
    ),
    (
        "membership_by_list",
        "C++",
        (
            "int twins(const Rows& rows) {\n"
            "  std::unordered_set<int> seen;\n"
            "  int found = 0;\n"
            "  for (int row : rows) {\n"
            "    if (seen.count(row) > 0) {\n"
            "      found++;\n"
            "    }\n"
            "    seen.insert(row);\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
        (
            "int twins(const Rows& rows) {\n"
            "  std::vector<int> seen;\n"
            "  int found = 0;\n"
            "  for (int row : rows) {\n"
            "    if ((std::find(seen.begin(), seen.end(), row) != seen.end())) {\n"
            "      found++;\n"
            "    }\n"
            "    seen.push_back(row);\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "membership_by_list",
        "C#",
        (
            "int Twins(List<string> rows) {\n"
            "    var seen = new HashSet<string>();\n"
            "    int found = 0;\n"
            "    foreach (var row in rows)\n"
            "    {\n"
            "        if (seen.Contains(row)) found++;\n"
            "        seen.Add(row);\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "int Twins(List<string> rows) {\n"
            "    var seen = new List<string>();\n"
            "    int found = 0;\n"
            "    foreach (var row in rows)\n"
            "    {\n"
            "        if (seen.Contains(row)) found++;\n"
            "        seen.Add(row);\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
    ),
    (
        "membership_by_list",
        "Ruby",
        (
            "def twins(rows)\n"
            "  seen = Set.new\n"
            "  found = 0\n"
            "  rows.each do |row|\n"
            "    found += 1 if seen.include?(row)\n"
            "    seen << row\n"
            "  end\n"
            "  found\n"
            "end\n"
        ),
        (
            "def twins(rows)\n"
            "  seen = []\n"
            "  found = 0\n"
            "  rows.each do |row|\n"
            "    found += 1 if seen.include?(row)\n"
            "    seen << row\n"
            "  end\n"
            "  found\n"
            "end\n"
        ),
    ),
    (
        "extreme_by_sorting",
        "Python",
        ("def least(rows):\n    return min(rows)\n"),
        ("def least(rows):\n    return sorted(rows)[0]\n"),
    ),
    (
        "extreme_by_sorting",
        "Ruby",
        ("def least(rows)\n  rows.min\nend\n"),
        ("def least(rows)\n  rows.sort.first\nend\n"),
    ),
    (
        "whole_text_searched",
        "Go",
        ('func dotted(name string) bool {\n\treturn strings.HasPrefix(name, ".")\n}\n'),
        ('func dotted(name string) bool {\n\treturn strings.Index(name, ".") == 0\n}\n'),
    ),
    (
        "whole_text_searched",
        "Java",
        ('boolean dotted(String name) {\n    return !name.startsWith(".");\n}\n'),
        ('boolean dotted(String name) {\n    return name.indexOf(".") != 0;\n}\n'),
    ),
    (
        "list_between",
        "Ruby",
        ("def each_down(rows)\n  rows.reverse_each { |row| puts row }\nend\n"),
        ("def each_down(rows)\n  rows.reverse.each { |row| puts row }\nend\n"),
    ),
    (
        "extreme_by_sorting",
        "Java",
        ("int least(List<Integer> rows) {\n    return Collections.min(rows);\n}\n"),
        (
            "int least(List<Integer> rows) {\n"
            "    return rows.stream().sorted().collect(Collectors.toList()).get(0);\n"
            "}\n"
        ),
    ),
    (
        "keys_listed_to_ask",
        "JavaScript",
        (
            "function own(all) {\n"
            "  const found = [];\n"
            "  for (const key in all) {\n"
            "    if (all.hasOwnProperty(key)) {\n"
            "      found.push(key);\n"
            "    }\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
        (
            "function own(all) {\n"
            "  const found = [];\n"
            "  for (const key in all) {\n"
            "    if (Object.keys(all).includes(key)) {\n"
            "      found.push(key);\n"
            "    }\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "entries_looked_up_again",
        "Python",
        ("def show(self):\n    for name, price in self.prices.items():\n        print(name, price)\n"),
        (
            "def show(self):\n"
            "    for name in self.prices:\n"
            "        price = self.prices[name]\n"
            "        print(name, price)\n"
        ),
    ),
    (
        "last_by_copying",
        "JavaScript",
        ("function last(rows) {\n  return rows[rows.length - 1];\n}\n"),
        ("function last(rows) {\n  return rows.slice(-1)[0];\n}\n"),
    ),
]

LEFT_ALONE = [
    ("keys_listed_to_ask", "Ruby", ("def known(names)\n  names.keys\nend\n")),
    (
        "key_looked_up_twice",
        "Go",
        ("func get(one any) int {\n\tif v, ok := <-ch; ok {\n\t\treturn v\n\t}\n\treturn 0\n}\n"),
    ),
    (
        "key_looked_up_twice",
        "C++",
        (
            "int get(const std::map<int, int>& all, int key) {\n"
            "  auto it = all.find(key);\n"
            "  use(it);\n"
            "  if (it == all.end()) {\n"
            "    return 0;\n"
            "  }\n"
            "  return it->second;\n"
            "}\n"
        ),
    ),
    (
        "entries_looked_up_again",
        "Python",
        ("def show(headers):\n    for name, value in headers.items():\n        print(name, value)\n"),
    ),
    (
        "entries_looked_up_again",
        "Go",
        ("func show(rows []int) {\n\tfor i, row := range rows {\n\t\tprint(i, row)\n\t}\n}\n"),
    ),
    (
        "membership_by_list",
        "Python",
        (
            "def kinds(rows):\n"
            "    seen = set()\n"
            "    for row in rows:\n"
            "        if row in seen:\n"
            "            hit(row)\n"
            "        seen.add(row)\n"
            "    return len(seen)\n"
        ),
    ),
    ("all_matches_for_one", "JavaScript", ("function find(selector) {\n  return this.$el.find(selector);\n}\n")),
    ("whole_text_searched", "Python", ("def check(name):\n    assert name.startswith('/')\n")),
    ("last_by_copying", "JavaScript", ("function put(rows, row) {\n  rows[rows.length - 1] = row;\n}\n")),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE, ids=[f"{row[0]}-{row[1]}" for row in MADE])
def test_makes_code_worse_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "runtime_efficiency"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE, ids=[f"{row[0]}-{row[1]}" for row in LEFT_ALONE])
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_has_an_example_and_a_reference() -> None:
    assert {row[0] for row in MADE} == set(BY_NAME)
    assert all(one.defect.endswith(".") and one.reference for one in BY_NAME.values())
