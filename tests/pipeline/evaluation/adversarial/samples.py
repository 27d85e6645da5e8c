"""One function a language, with locals, comments, a text over several lines where there is one, and a nested block."""

SAMPLES = {
    "Python": '''def total(items, limit):
    """Add up.

      As far as the limit.
    """
    count = 0
    # walk over all
    for item in items:
        if item > limit:
            continue  # too much
        count += item
    label = f"count {count}"
    return count, label
''',
    "JavaScript": """/**
 * Add up.
 */
function total(items, limit) {
    let count = 0;
    // walk over all
    for (const item of items) {
        if (item > limit) { continue; }
        count += item; // one more
    }
    const label = `count
      is ${count}`;
    return { total: count, text: label };
}
""",
    "Ruby": """# Adds up.
def total(items, limit)
  count = 0
  # walk over all
  items.each do |item|
    next if item > limit
    count += item
  end
  label = <<~TEXT
    count
      #{count}
  TEXT
  [count, label]
end
""",
    "C": """/* Add up. */
static int total(const int *items, int n)
{
    int count = 0;
    /* walk over all */
    for (int i = 0; i < n; i++) {
        if (items[i] < 0)
            continue;
        count += items[i]; // one more
    }
    return count;
}
""",
    "C++": """// Add up.
int total(const std::vector<int>& items)
{
  int count = 0;
  // walk over all
  for (size_t i = 0; i < items.size(); ++i) {
    count += items[i];
  }
  const char* label = R"(a
      b)";
  use(label);
  return count;
}
""",
    "Go": """// total adds up.
func total(items []int, limit int) int {
\tcount := 0
\t// walk over all
\tfor _, item := range items {
\t\tif item > limit {
\t\t\tcontinue
\t\t}
\t\tcount += item
\t}
\tlabel := `a
  b`
\tuse(label)
\treturn count
}
""",
    "Java": """/**
 * Adds up.
 */
public int total(List<Integer> items, int limit) {
    int count = 0;
    // walk over all
    for (int i = 0; i < items.size(); i++) {
        if (items.get(i) > limit) {
            continue;
        }
        count += items.get(i);
    }
    return count;
}
""",
    "C#": """/// <summary>Adds up.</summary>
public int Total(List<int> items, int limit)
{
    int count = 0;
    // walk over all
    foreach (var item in items)
    {
        if (item > limit)
            continue;
        count += item;
    }
    var label = @"a
      b";
    Use(label);
    return count;
}
""",
}
"""Language to a function."""


def worse(language: str) -> str:
    """The sample with a defect."""
    return SAMPLES[language].replace("count += ", "count -= ")
