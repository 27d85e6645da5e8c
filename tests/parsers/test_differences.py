from random import Random

from parsers.differences import common, differences


def longest_common(old, new):
    """Length of the longest common subsequence, by the textbook's table."""
    row = [0] * (len(new) + 1)
    for a in old:
        last = row[:]
        for at, b in enumerate(new):
            row[at + 1] = last[at] + 1 if a == b else max(last[at + 1], row[at])
    return row[-1]


def rebuilt(old, new, found):
    text, at = [], 0
    for (start, end), (new_start, new_end) in found:
        text += old[at:start]
        assert len(text) == new_start
        text += new[new_start:new_end]
        at = end
    return text + old[at:]


def test_shortest_scripts_that_rebuild_the_newer_text():
    random = Random(7)
    for _ in range(600):
        old = [random.choice("abcdxy") for _ in range(random.randrange(14))]
        new = [random.choice("abcdwz") if random.random() < 0.3 else line for line in old if random.random() > 0.2]
        found = differences(old, new)
        assert rebuilt(old, new, found) == new
        edits = sum(b - a + d - c for (a, b), (c, d) in found)
        assert edits == len(old) + len(new) - 2 * longest_common(old, new)


def test_each_difference_is_apart_from_the_next():
    assert differences(list("abcde"), list("aBcDe")) == [((1, 2), (1, 2)), ((3, 4), (3, 4))]
    assert differences(list("abc"), list("abc")) == []
    assert differences([], ["a"]) == [((0, 0), (0, 1))]


def test_one_difference_where_more_is_edited_than_the_bound():
    old, new = list("xabcdefy"), list("xfedcbay")
    assert differences(old, new, max_edits=3) == [((1, 7), (1, 7))]
    assert len(differences(old, new)) > 1


def test_lines_of_one_side_alone_do_not_count_against_the_bound():
    old = [*(f"o{at}" for at in range(50)), "m", *(f"p{at}" for at in range(50))]
    new = [*(f"n{at}" for at in range(50)), "m", *(f"q{at}" for at in range(50))]
    assert differences(old, new, max_edits=0) == [((0, 50), (0, 50)), ((51, 101), (51, 101))]


def test_texts_without_order_end_soon():
    random = Random(1)
    lines = [str(at % 997) for at in range(4000)]
    found = differences(lines, random.sample(lines, len(lines)))
    assert len(found) == 1


def test_common_ends_do_not_overlap():
    assert common("aba", "aba") == (3, 0)
    assert common("ab", "aab") == (1, 1)
    assert common("", "a") == (0, 0)
    assert common("abcx", "yabcx") == (0, 4)
