"""Small functions of eight languages, and what the operators of functional correctness make of them."""

from synthesis.mutations.functional import FILES
from synthesis.mutations.operator import Operator, mutants

_ALL = [value for file in FILES for value in vars(file).values() if isinstance(value, Operator)]
OPERATORS = {one.name: one for one in _ALL if one.kind == "defect"}
REPAIRS = {one.name: one for one in _ALL if one.kind == "repair"}

PYTHON = '''def total(items, rates, limit):
    """Sum of what is due."""
    result = 0
    for i in range(len(items)):
        if items[i] is None:
            continue
        if result > limit and i != 0:
            result -= rates[i]
        else:
            result += items[i] * rates[i - 1]
    return result
'''
GO = """func Sum(xs []int, first int, last int) (int, error) {
	total := 0
	if len(xs) == 0 {
		return 0, errEmpty
	}
	for i := first; i < last; i++ {
		total += xs[i]
	}
	report(first, last)
	return total, nil
}
"""
JAVA = """int find(int[] xs, int key, boolean strict) {
    int low = 0;
    int high = xs.length - 1;
    if (!strict) {
        return -1;
    }
    while (low <= high) {
        int middle = low + high;
        if (xs[middle] < key || strict) {
            low = middle + 1;
        } else {
            high = middle;
        }
        visit(low, high);
    }
    return low;
}
"""
JAVASCRIPT = """function collect(rows, seen) {
  const out = [];
  for (const row of rows) {
    if (!row) {
      continue;
    }
    out.push(row.name);
  }
  if (seen) {
    out.sort();
  }
  try {
    store(out);
  } catch (error) {
    note(error);
    throw error;
  }
  return out;
}
"""
C = """static int count(const char *text, int limit) {
    int found = 0;
    if (text == 0)
        return -1;
    while (*text) {
        if (*text == ' ' && found < limit)
            found++;
        text++;
    }
    return found;
}
"""
CPP = """int Pool::take(int want, int most) {
  int got = 0;
  if (want > most) {
    want = most;
  }
  for (int i = 0; i < want; i++) {
    got += free_[i];
    used_.push_back(i);
  }
  return got;
}
"""
CSHARP = """public int Add(int left, int right)
{
    var sum = 0;
    if (left == right)
    {
        return sum;
    }
    sum += left;
    Store(left, right);
    return sum + right;
}
"""
RUBY = """def pick(names, wanted)
  found = []
  return found unless wanted
  names.each do |name|
    if name == wanted
      found << name
    else
      skip(name, wanted)
    end
  end
  found
end
"""
SOURCES = {
    "Python": PYTHON, "Go": GO, "Java": JAVA, "JavaScript": JAVASCRIPT, "C": C, "C++": CPP, "C#": CSHARP, "Ruby": RUBY,
}  # fmt: skip


def made(name: str, language: str, code: str) -> list[str]:
    """The code of every mutant that one operator or repair makes."""
    return [mutant.code for mutant in mutants(language, code, ((OPERATORS | REPAIRS)[name],))]


def one_made(name: str, language: str, code: str, old: str, new: str) -> bool:
    """Whether a mutant of `code` is the one with its first `old` made `new`."""
    assert old in code
    return code.replace(old, new, 1) in made(name, language, code)
