"""Cheap forms of looking up and their costly equivalents, as patterns; data for `lookups`."""

from dataclasses import dataclass

from synthesis.mutations.patterns import Table

_NAME = r"([A-Za-z_][\w.]*)"
_ARGUMENT = r"((?:[^()]|\([^()]*\))+)"
_BLOCK = r"(\{[^{}]*\}|\(&:\w+[?!]?\))"

FETCHED: Table = {
    "Ruby": (
        (r"(?<![\w.@])(@?\w+)\.fetch\((:\w+|'\w+'|\w+), ([\w:.'\[\]{}]+)\)(?=\s*\n)", r"(\1.key?(\2) ? \1[\2] : \3)"),
        (r"(?<![\w.@])(@?\w+)\.fetch\((:\w+|'\w+'|\w+)\) \{ ([^{}|\n]+) \}(?=\s*\n)", r"(\1.key?(\2) ? \1[\2] : \3)"),
    ),
}
ENTRIES = {
    "Python": r"for (?P<key>\w+), (?P<value>\w+) in (?P<source>[a-zA-Z_][\w.]*)\.items\(\):",
    "Go": r"for (?P<key>\w+), (?P<value>\w+) := range (?P<source>\w[\w.]*) ",
    "Ruby": r"(?P<source>@?[a-z_][\w.]*)\.each(?:_pair)? (?P<open>do|\{) ?\|(?P<key>\w+), (?P<value>\w+)\|",
    "Java": (
        r"\((?:final )?(?:Map\.)?Entry<(?P<kind>[\w.]+), ?[^()]*"
        r"> (?P<entry>\w+) ?: (?P<source>[\w.]+)\.entrySet\(\)\)"
    ),
    "C#": r"\((?:var|KeyValuePair<[^()]*>) (?P<entry>\w+) in (?P<source>\w+)\)",
}
"""Language to the head of a walk over entries; it gives key, value or entry, and what is walked over."""


@dataclass(frozen=True, slots=True)
class Sets:
    """How a language makes, fills and asks a set, and how it does so with a list.

    Attributes:
        made: patterns over the statement that makes a set, and the statement that makes a list.
        adds: what follows the name where one element is added.
        append: the name and the same for a list.
        asks: what follows the name where it is asked for an element.
        contains: the same for a list.
        name: finds the set's name in the statement that makes it.
    """

    made: tuple[tuple[str, str], ...]
    adds: str
    append: str
    asks: str
    contains: str
    name: str = r"(\w+) ?(?:=|;)"


SETS: dict[str, Sets] = {
    "Python": Sets(((r"(\w+) = set\(\)", r"\1 = []"), (r"(\w+) = set\((\w[\w.]*)\)", r"\1 = list(\2)"),
        (r"(\w+) = set\((\[[^\n]*\])\)", r"\1 = \2"), (r"(\w+) = \{([^:{}*]*,[^:{}*]*,[^:{}*]*)\}", r"\1 = [\2]"),
        (r"(\w+) = \{([^:{}\n]+ for [^:{}\n]+)\}", r"\1 = [\2]")),
        r"\.add\(", "NAME.append(", "(?!)", ""),
    "JavaScript": Sets(((r"(?:const|let|var) (\w+) = new Set\(\)(;?)", r"const \1 = []\2"),
        (r"((?:const|let|var) \w+ = )new Set\((\w[\w.]*)\)(;?)", r"\1[...\2]\3"),
        (r"((?:const|let|var) \w+ = )new Set\((\[[^\[\]]*\])\)(;?)", r"\1\2\3")),
        r"\.add\(", "NAME.push(", r"\.has\(", "NAME.includes("),
    "Ruby": Sets(((r"(\w+) = Set\.new", r"\1 = []"), (r"(\w+) = Set\.new\((\w[\w.]*)\)", r"\1 = \2.to_a"),
        (r"(\w+) = (\w[\w.]*)\.to_set", r"\1 = \2.to_a"), (r"(\w+) = Set\[([^\]]*)\]", r"\1 = [\2]")),
        r"\.add\(| << ", "NAME.push(", r"\.(?:include|member)\?\(", "NAME.include?("),
    "Java": Sets((((
        r"(?:final )?(?:Hash)?Set<([^;=]*)> (\w+) = new"
        r" (?:Linked)?HashSet<([^;()]*)>\(([\w.() ]*)\);"
    ), r"List<\1> \2 = new ArrayList<\3>(\4);"),),
        r"\.add\(", "NAME.add(", r"\.contains\(", "NAME.contains("),
    "C#": Sets((((
        r"(?:HashSet<([^;=]*)>|var) (\w+) = "
        r"new HashSet<([^;()]*)>\(([\w.]*)\);"
    ), r"var \2 = new List<\3>(\4);"),),
        r"\.Add\(", "NAME.Add(", r"\.Contains\(", "NAME.Contains("),
    "C++": Sets(((r"(?:const )?std::(?:unordered_)?set<([\w:]+)> (\w+);", r"std::vector<\1> \2;"),
        (r"(const )?std::(?:unordered_)?set<([\w:]+)> (\w+)( = )(\{[^{}]*\});", r"\1std::vector<\2> \3\4\5;")),
        r"\.(?:insert|emplace)\(", "NAME.push_back(",
        (
            r"\.(?:count|contains)\(([\w."
            r"\"]+)\)(?: > 0| == 1| != 0)?"
        ), r"(std::find(NAME.begin(), NAME.end(), \1) != NAME.end())"),
}  # fmt: skip

SET_LITERALS: Table = {
    "Python": (
        (r"\bin set\(([\w.]+)\)", r"in list(\1)"),
        (r"\bin \{((?:['\"\w.-]+, ){3,}['\"\w.-]+)\}", r"in [\1]"),
        (r"\bin frozenset\(([\[(][^\[\]()]+[\])])\)", r"in \1"),
    ),
}
GATHERED: Table = {
    "Python": (
        (r"\bnext\(iter\(([\w.]+)\)\)", r"list(\1)[0]"),
        ((
            r"(?<!for )(?<=[ (])(['\"]\w['\"]) in (name|text|line|"
            r"path|value|s|string|word|url|key|mode)(?=:| and| or)"
        ), r"\2.count(\1) > 0"),
    ),
    "JavaScript": (
        (rf"\b{_NAME}\.find\((?=[^()]*=>|\w+ =>|\(\w+\) =>|function){_ARGUMENT}\)(?!\()", r"\1.filter(\2)[0]"),
        (rf"(?<![!.\w]){_NAME}\.some\({_ARGUMENT}\)", r"\1.filter(\2).length > 0"),
        (rf"!\b{_NAME}\.some\({_ARGUMENT}\)", r"\1.filter(\2).length === 0"),
    ),
    "Ruby": (
        (rf"\.(?:find|detect)(?: ?{_BLOCK})(?! do)", r".select\1.first"),
        (r"(?<=[\w)\]])\.any\? (\{[^{}]*\})(?=\s*\n|\s*\))", r".count \1 > 0"),
    ),
    "Java": (
        (rf"(?<!!)(?<=[\w)])\.anyMatch\({_ARGUMENT}\)", r".filter(\1).count() > 0"),
        (rf"\.noneMatch\({_ARGUMENT}\)", r".filter(\1).count() == 0"),
        (rf"(\.filter\({_ARGUMENT}\))\s*\.findFirst\(\)", r"\1.collect(Collectors.toList()).stream().findFirst()"),
    ),
    "C#": (
        (r"(?m)(?<![!\w.])((?:\w+\.)*\w+)\.Any\(\)(?! ?[=.])", r"\1.Count() > 0"),
        (r"!((?:\w+\.)*\w+)\.Any\(\)(?! ?[=.])", r"\1.Count() == 0"),
        (rf"(?<![!\w.])((?:\w+\.)*\w+)\.Any\({_ARGUMENT}\)(?! ?[=.])", r"\1.Count(\2) > 0"),
        (rf"!((?:\w+\.)*\w+)\.Any\({_ARGUMENT}\)(?! ?[=.])", r"\1.Count(\2) == 0"),
        (r"\.(First|FirstOrDefault)\(((?:[^()]|\([^()]*\))+=>(?:[^()]|\([^()]*\))+)\)", r".Where(\2).ToList().\1()"),
        (r"\.All\((\w+) => (\w[\w.]*(?:\([\w.\", ]*\))?)\)", r".Count(\1 => !\2) == 0"),
    ),
}  # fmt: skip
SORTED: Table = {
    "Python": (
        (r"(?<![\w.])min\(([a-z_][\w.]*(?:, key=[^,()]+)?)\)", r"sorted(\1)[0]"),
        (r"(?<![\w.])max\(([a-z_][\w.]*(?:, key=[^,()]+)?)\)", r"sorted(\1, reverse=True)[0]"),
    ),
    "JavaScript": (
        (r"Math\.max\(\.\.\.([\w.]+)\)", r"[...\1].sort((a, b) => b - a)[0]"),
        (r"Math\.min\(\.\.\.([\w.]+)\)", r"[...\1].sort((a, b) => a - b)[0]"),
    ),
    "Ruby": (
        (r"(?<=[\w\])}])\.max\b(?!_|\(|\s*\{| do)", ".sort.last"),
        (r"(?<=[\w\])}])\.min\b(?!_|\(|\s*\{| do)", ".sort.first"),
        (rf"\.min_by ?{_BLOCK}", r".sort_by\1.first"),
        (rf"\.max_by ?{_BLOCK}", r".sort_by\1.last"),
        (r"\.sort_by\(&:(\w+)\)", r".sort { |a, b| a.\1 <=> b.\1 }"),
        (r"\.sort_by \{ ?\|(\w+)\| \1\.(\w+) ?\}", r".sort { |a, b| a.\2 <=> b.\2 }"),
    ),
    "C#": (
        (r"\.Max\(\)", ".OrderByDescending(x => x).First()"),
        (r"\.Min\(\)", ".OrderBy(x => x).First()"),
    ),
    "Java": ((r"\bCollections\.(min|max)\((\w+)\)", r"\2.stream().sorted().collect(Collectors.toList()).get(0)"),),
}  # fmt: skip
LAST: Table = {
    "JavaScript": (
        ((
            r"(?<![\w.+-])((?!arguments)[a-z]\w*)\[\1\.length -"
            r" 1\](?! ?[-+*/|&?]?=[^=]|\+\+|--|\.\w+ ?=[^=]|\()"
        ), r"\1.slice(-1)[0]"),
    ),
}  # fmt: skip
LISTED: Table = {
    "Python": (((
        rf"\b((?:if|elif|and|or|not|return|while) "
        rf"[\w.'\"]+ (?:not )?in ){_NAME}\.keys\(\)"
    ), r"\1list(\2.keys())"),),
    "Ruby": (
        (r"(?<=[\w\])])\.(?:key|has_key)\?\(", ".keys.include?("),
        (r"(?<=options)\.include\?\((?=:|')", ".keys.include?("),
    ),
    "Java": ((rf"\b{_NAME}\.containsKey\({_ARGUMENT}\)", r"new ArrayList<>(\1.keySet()).contains(\2)"),),
    "C#": ((rf"\b{_NAME}\.ContainsKey\({_ARGUMENT}\)", r"\1.Keys.ToList().Contains(\2)"),),
    "JavaScript": (
        (r"\b([\w.]+)\.hasOwnProperty\(('[\w-]+'|\"[\w-]+\")\)", r"Object.getOwnPropertyNames(\1).includes(\2)"),
        ((
            r"(?<=for \(var )(\w+)( in )([\w.]+)(\) "
            r"?\{\s*if \()\3\.hasOwnProperty\(\1\)"
        ), r"\1\2\3\4Object.keys(\3).includes(\1)"),
        ((
            r"(?<=for \()((?:const|let) )(\w+)( in )([\w."
            r"]+)(\) ?\{\s*if \()\4\.hasOwnProperty\(\2\)"
        ), r"\1\2\3\4\5Object.keys(\4).includes(\2)"),
    ),
}  # fmt: skip
PREFIXES: Table = {
    "Python": (((
        r"(?<!not )(?<![\w.])([a-z_][\w.]*)\.starts"
        r"with\(([fbr]?(?:'[^'\\]+'|\"[^\"\\]+\"))\)"
    ), r"\1.find(\2) == 0"),),
    "JavaScript": (
        (r"(?<![\w.!])((?!_\.|\$\.)[A-Za-z_][\w.]*)\.startsWith\((['\"][^'\"\\]+['\"])\)", r"\1.indexOf(\2) === 0"),
        (r"!((?!_\.|\$\.)[A-Za-z_][\w.]*)\.startsWith\((['\"][^'\"\\]+['\"])\)", r"\1.indexOf(\2) !== 0"),
    ),
    "Java": (
        (rf"(?<![\w.!]){_NAME}\.startsWith\((\"[^\"\\]+\")\)", r"\1.indexOf(\2) == 0"),
        (rf"!{_NAME}\.startsWith\((\"[^\"\\]+\")\)", r"\1.indexOf(\2) != 0"),
    ),
    "C#": (
        ((
            rf"(?<![\w.!]){_NAME}\.StartsWith\((\"[^"
            rf"\"\\]+\"), StringComparison\.(Ordinal\w*)\)"
        ), r"\1.IndexOf(\2, StringComparison.\3) == 0"),
        ((
            rf"!{_NAME}\.StartsWith\((\"[^\"\\]+\")"
            rf", StringComparison\.(Ordinal\w*)\)"
        ), r"\1.IndexOf(\2, StringComparison.\3) != 0"),
    ),
    "Go": (
        (r"(?<!!)\bstrings\.HasPrefix\(([^(),]+), ([^(),]+)\)", r"strings.Index(\1, \2) == 0"),
        (r"!strings\.HasPrefix\(([^(),]+), ([^(),]+)\)", r"strings.Index(\1, \2) != 0"),
        (r"(?<!!)\bstrings\.Contains\(([^(),]+(?:\([^()]*\))?), ([^(),]+)\)", r"strings.Count(\1, \2) > 0"),
        (r"!strings\.Contains\(([^(),]+(?:\([^()]*\))?), ([^(),]+)\)", r"strings.Count(\1, \2) == 0"),
    ),
    "C++": (
        (r"(?<![\w.!])([a-z_][\w.]*)\.starts_with\((\"[^\"\\]+\")\)", r"\1.find(\2) == 0"),
        (r"(?<![\w.!])([a-z_][\w.]*)\.rfind\(([\w\"]+), 0\) == 0", r"\1.find(\2) == 0"),
    ),
}  # fmt: skip
_PLAIN = r"([\w ,:;=/-]+)"
PATTERNS: Table = {
    "Ruby": (
        (r"\.start_with\?\((['\"])([\w:-]+)\1\)", r".match?(/\\A\2/)"),
        (r"\.end_with\?\((['\"])([\w:-]+)\1\)", r".match?(/\2\\z/)"),
        (r"\.delete\((['\"])([\w:,;])\1\)", r".gsub(/\2/, '')"),
        (r"\.tr\((['\"])([\w:,;-])\1, (['\"][\w:,;-]['\"])\)", r".gsub(/\2/, \3)"),
        (r"\.sub\((['\"])([\w:-]+)\1, ", r".sub(/\2/, "),
    ),
    "Java": (
        (rf"\.replace\((\"{_PLAIN}\"), (\"[\w ,:;=/-]*\")\)", r".replaceAll(\1, \3)"),
        (r"\.replace\('(\w|[ ,:;=/-])', '(\w|[ ,:;=/-])'\)", r'.replaceAll("\1", "\2")'),
        (r"(?<![\w.!])([a-z]\w*)\.equals\((\"\w+\")\)(?=\))", r"\1.matches(\2)"),
    ),
    "C#": (
        (rf"(?<![\w.])([a-z]\w*)\.Replace\((\"{_PLAIN}\"), (\"[\w ,:;=/-]*\")\)", r"Regex.Replace(\1, \2, \4)"),
    ),
    "JavaScript": (
        (r"(?<![\w.!])([A-Za-z_][\w.]*)\.startsWith\((['\"])([\w:-]+)\2\)", r"/^\3/.test(\1)"),
        (r"(?<![\w.!])([A-Za-z_][\w.]*)\.endsWith\((['\"])([\w:-]+)\2\)", r"/\3$/.test(\1)"),
    ),
    "Python": (
        ((
            rf"(?<![\w.])([a-z_][\w.]*)\.replace\(\"{_PLAIN}"
            rf"\", \"([\w ,:;=/-]*)\"\)(?=[^\n]*\bre\.)"
        ), r're.sub("\2", "\3", \1)'),
    ),
}  # fmt: skip
BETWEEN: Table = {
    "Ruby": (
        (rf"\.flat_map ?{_BLOCK}", r".map\1.flatten(1)"),
        (r"\.reverse_each\b", ".reverse.each"),
        (r"\.each_key\b", ".keys.each"),
        (r"\.each_value\b", ".values.each"),
        (r"\.count (\{[^{}]*\})", r".select \1.size"),
        (r"\.filter_map (\{[^{}]*\})", r".map \1.select(&:itself)"),
        (r"\.each_with_index\.map\b", ".each_with_index.to_a.map"),
        (r"\.sum (\{[^{}]*\})", r".map \1.sum"),
        (r"\.gsub!?\((['\"])(\w)\1, (['\"])(\w)\3\)", r".split('\2', -1).join('\4')"),
    ),
    "Python": (
        (r"\bfor (\w+) in reversed\(([\w.]+)\):", r"for \1 in list(\2)[::-1]:"),
        (r"\bsum\(1 for ([^()]+(?:\([^()]*\)[^()]*)*)\)", r"len([1 for \1])"),
    ),
    "C#": (
        (r"\.Count\(((?:[^()]|\([^()]*\))+=>(?:[^()]|\([^()]*\))+)\)", r".Where(\1).ToList().Count"),
    ),
}  # fmt: skip
_SOURCE = r"([\w\\.^$+*?:\[\](),= -]+)"
COMPILED: Table = {
    "Ruby": (
        ((
            rf"(?<=[\w)\]])\.(match\??|gsub|sub|scan|spl"
            rf"it|gsub!|sub!|slice)\(/{_SOURCE}/(?=[,)])"
        ), r".\1(Regexp.new('\2')"),
        (rf" =~ /{_SOURCE}/(?=[\s)])", r" =~ Regexp.new('\1')"),
    ),
    "C#": (
        ((
            r"(?<![\w.])Regex\.(IsMatch|Match|Matches|Sp"
            r"lit)\(([\w.]+), (@?\"(?:[^\"\\]|\\.)*\")\)"
        ), r"new Regex(\3).\1(\2)"),
        ((
            r"(?<![\w.])Regex\.Replace\(([\w.]+), "
            r"(@?\"(?:[^\"\\]|\\.)*\"), ([^(),]+)\)"
        ), r"new Regex(\2).Replace(\1, \3)"),
    ),
}  # fmt: skip
FOLDED: Table = {
    "Go": (
        (r"(?<!!)\bstrings\.EqualFold\(([^(),]+), ([^(),]+)\)", r"strings.ToLower(\1) == strings.ToLower(\2)"),
        (r"!strings\.EqualFold\(([^(),]+), ([^(),]+)\)", r"strings.ToLower(\1) != strings.ToLower(\2)"),
    ),
    "Java": ((r"\b([a-z]\w*)\.equalsIgnoreCase\((\"[a-z_-]+\")\)", r"\1.toLowerCase(Locale.ROOT).equals(\2)"),),
    "C#": (
        ((
            r"(?<![!\w.])([a-z]\w*)\.Equals\((\"[a-z_-]+"
            r"\"), StringComparison\.OrdinalIgnoreCase\)"
        ), r"\1.ToLowerInvariant() == \2"),
        (r"(?<![!\w.])([a-z]\w*)\.StartsWith\((\"[a-z_:-]+\"), StringComparison\.OrdinalIgnoreCase\)", (
            r"\1.ToLowerInvariant().StartsWith(\2, StringComparison.Ordinal)")),
    ),
    "Ruby": ((r"(?<![!\w.])(@?[a-z]\w*)\.casecmp\?\((@?\w+|'[^']*')\)", r"(\1.downcase == \2.downcase)"),),
}  # fmt: skip
