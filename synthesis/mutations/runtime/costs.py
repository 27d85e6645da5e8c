"""What a costlier means looks like in each language; data for `costlier`."""

from synthesis.mutations.patterns import Table

_FIELD = r"(?:this\.)?[a-z_]\w*(?:\.\w+)*"
CONTAINERS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Java": (
        (
            r"\bStringBuilder (\w+) = new StringBuilder\(",
            r"StringBuffer \1 = new StringBuffer(",
            r"\(NAME[,)]|, NAME[,)]|return NAME;",
        ),
        (
            r"(?<=[ (]List<)(\w+>) (\w+) = new ArrayList<(\w*)>\((?:\d+|[\w.]+\(\)|[\w.]+)?\)",
            r"\1 \2 = new LinkedList<\3>()",
            r"NAME\.(?:trimTo|ensure)",
        ),
        (
            r"(?<=[ (]Map<)(String|Integer|Long), (.+> \w+) = new HashMap<((?:String|" r"Integer|Long), [^()]+|)>\(\)",
            r"\1, \2 = new TreeMap<\3>()",
            r"return NAME;|NAME\.(?:entrySet|keySet|values|forEach)|\(null",
        ),
        (
            r"(?<=[ (]Set<)(String|Integer|Long)> (\w+) = new HashSet<(\w*)>\(\)",
            r"\1> \2 = new TreeSet<\3>()",
            r"return NAME;|: NAME\)|NAME\.(?:iterator|forEach|stream)",
        ),
    ),
    "C#": (
        (
            r"\bnew HashSet<(string|int|long)>\(\)",
            r"new SortedSet<\1>()",
            r"HashSet<[^()]*NAME|return NAME;| in NAME\)|HashSet<\w+>\??[ ]NAME",
        ),
        (
            r"\bvar (\w+) = new Dictionary<(string|int|long), ([\w<>?, \[\]]+)>\(\)",
            r"var \1 = new SortedDictionary<\2, \3>()",
            r"return NAME;| in NAME|[(,] ?NAME[,)]",
        ),
    ),
    "C++": (
        (
            r"std::unordered_(map|set)<((?:std::string|int|uint\d+_t|size_t)[^;=&*]*>) (?=\w+;)",
            r"std::\1<\2 ",
            r"[(,*] ?&?NAME\b|return NAME;|: NAME\)|= NAME;|NAME\.reserve|std::move",
        ),
    ),
}
LOCKS: Table = {
    "Go": ((r"\.R(Lock|Unlock)\(\)", r".\1()"),),
    "Java": ((r"(?i)\breadLock(?=(?:\(\))?\.(?:lock|unlock|tryLock)\()", "writeLock"),),
    "C#": ((r"\.(Try)?(Enter|Exit)ReadLock\(", r".\1\2WriteLock("),),
    "C++": ((r"\bstd::shared_lock<", "std::unique_lock<"), (r"\bReadLock (?=\w+\()", "WriteLock ")),
    "C": ((r"\b((?:\w+_)?rwlock_)(?:rdlock|rlock)\(", r"\1wrlock("),),
}
ORDERS: Table = {
    "C++": ((r"(?:std::)?memory_order_(?:relaxed|release|acq_rel)\b", "std::memory_order_seq_cst"),),
    "C": (
        (r"\bATOMIC_(?:RELAXED|RELEASE|ACQ_REL)\b", "ATOMIC_SEQ_CST"),
        (r"\bmemory_order_(?:relaxed|release|acq_rel)\b", "memory_order_seq_cst"),
        (r"\b__ATOMIC_(?:RELAXED|RELEASE|ACQ_REL)\b", "__ATOMIC_SEQ_CST"),
    ),
}
_CS = (
    r"(?<![\w.])((?!(?:Interlocked|Math|string|String|text|name|value|str|span|s|"
    r"key|path|line)\b)_?[a-zA-Z]\w*(?:\.\w+)*)(?<!arameters)(?<!ows)(?<!olumns)(?<!ables)(?<!roups)(?<!atches)"
)
WALKED: Table = {
    "C#": (
        (rf"{_CS}\.Count (?:> 0|!= 0|>= 1)", r"\1.Any()"),
        (rf"{_CS}\.Count == 0", r"!\1.Any()"),
        (rf"{_CS}\.Count\b(?! ?[-+*/]?=[^=]|\(|\+\+|--|<|;|\.| > 0| [!=]= 0)", r"\1.Count()"),
        (
            r"(?<![\w.])(\w*(?:[aA]rgs|[aA]rguments|[pP]arameters|[tT]ypes|[vV]alues|"
            r"[iI]tems|[eE]lements)(?:\.\w+)*)\.Length (?:> 0|!= 0)",
            r"\1.Any()",
        ),
        (
            r"(?<![\w.])(\w*(?:[aA]rgs|[aA]rguments|[pP]arameters|[tT]ypes|[vV]alues|"
            r"[iI]tems|[eE]lements)(?:\.\w+)*)\.Length == 0",
            r"!\1.Any()",
        ),
        (r"(?<![\w.])([a-z_]\w*(?:s|List|list))\[0\](?! ?[-+*/|&]?=[^=]|\+\+)", r"\1.First()"),
        (r"(?<![\w.])([a-z_][\w.]*)\[\1\.Count - 1\](?! ?=[^=])", r"\1.Last()"),
    ),
    "Java": (
        (r"(?<![\w.!])([a-z]\w*(?:s|List|Set))\.isEmpty\(\)", r"\1.stream().count() == 0"),
        (r"!([a-z]\w*(?:s|List|Set))\.isEmpty\(\)", r"\1.stream().count() > 0"),
        (r"(?<![\w.])([a-z]\w*(?:s|List|Set))\.size\(\) (==|>|!=) (\d)", r"\1.stream().count() \2 \3"),
        (r"(?<![\w.!])([a-z]\w*(?:s|List))\.contains\((\w+)\)(?=[);&|])", r"\1.stream().anyMatch(\2::equals)"),
    ),
    "Python": ((r"(?<=[\s(])len\(((?:self\.)?[a-z_]\w*)\)(?= (?:[=!<>]=|[<>]) )", r"sum(1 for _ in \1)"),),
}
_ARGUMENTS = r"((?:[^()\n.]|\.(?!\.\.)|\((?:[^()]|\([^()]*\))*\))+)"
APPLIED: Table = {
    "JavaScript": ((rf"(?<=[\w\])])\.call\(([\w.]+), {_ARGUMENTS}\)", r".apply(\1, [\2])"),),
}
TAGS: Table = {
    "JavaScript": (
        (r"!(?:Array\.)?(?<![\w.])isArray\(([\w.\[\]]+)\)", r"Object.prototype.toString.call(\1) !== '[object Array]'"),
        (r"(?<![!\w.])Array\.isArray\(([\w.\[\]]+)\)", r"Object.prototype.toString.call(\1) === '[object Array]'"),
        (r"!Array\.isArray\(([\w.\[\]]+)\)", r"Object.prototype.toString.call(\1) !== '[object Array]'"),
    ),
}
COMPILED: Table = {
    "C++": (
        (r"\b(?:constexpr|\w+_CONSTEXPR(?:14|17|20)?) (?=[^;]*\()", ""),
        (r"\b(?:JEMALLOC|XXH)_(?:FORCE|ALWAYS)_INLINE(?=\s)", "static inline"),
        (r"\b(?:RAPIDJSON_FORCEINLINE|FMT_ALWAYS_INLINE|(?!JEM|XXH)\w*(?:FORCE|ALWAYS)_INLINE)(?=\s)", "inline"),
    ),
    "C": ((r"\b(?:static )?(?:JEMALLOC_ALWAYS_INLINE|\w*(?:FORCE|ALWAYS)_?INLINE\w*)(?=\s)", "static"),),
    "C#": ((r"\[MethodImpl\((?:MethodImplOptions\.)?AggressiveInlining\)\]\s*", ""),),
}
_DICTS = (
    r"((?:\w+\.)*(?:\w*(?:kw|kwargs|options|opts|params|headers|environ|env|mapping|map|dict|cache|metadata|meta|data"
    r"|attrs|attributes|info|settings|extra|context|args|payload|state|lookup|"
    r"registry|by_\w+|counts|d|memo|defaults|values))(?:\[['\"]\w+['\"]\])?)"
)
_KEY = r"((?:[\w.]+|['\"][^'\"\n]*['\"]|\([\w., ]+\)))"
DEFAULTS: Table = {
    "Java": (
        (
            rf"(?<![\w.])({_FIELD})\.getOrDefault\(([\w.]+|\"[^\"]*\"), ([\w.]+|\"[^\"]*\")\)",
            r"(\1.containsKey(\2) ? \1.get(\2) : \3)",
        ),
    ),
    "JavaScript": (
        (
            r"(?<![\w.])((?:\w+\.)*\w*(?:[mM]ap|[cC]ache|[rR]egistry)\w*)\.get\(([\w.]+|" r"'[^']*')\)",
            r"(\1.has(\2) ? \1.get(\2) : undefined)",
        ),
    ),
}
GIVEN: Table = {
    "Python": (
        (rf"(?<![\w.]){_DICTS}\.get\({_KEY}\)", r"\1[\2] if \2 in \1 else None"),
        (rf"(?<![\w.]){_DICTS}\.get\({_KEY}, ([\w.'\"-]+|\[\]|\{{\}})\)", r"\1[\2] if \2 in \1 else \3"),
    ),
}
"""Look-ups with a default; what replaces them is an expression that may need brackets."""
BOUND: Table = {
    "JavaScript": (
        (r"(?<=[\w\])])\.apply\(([\w.]+), (\w+)\)", r".bind(\1)(...\2)"),
        (r"(?<=[\w\])])\.call\(([\w.]+)\)", r".bind(\1)()"),
    ),
}
BOXED: Table = {
    "Java": (
        (
            r"(?<![\w.])(Integer|Long|Double|Float|Boolean|Character|Short|Byte)\.compare\(([\w.]+(?:\(\))?), ",
            r"\1.valueOf(\2).compareTo(",
        ),
        (
            r"(?<![\w.])(Long|Double|Float|Boolean|Character|Short|Byte|Integer)"
            r"\.(hashCode|toString)\(([\w.]+(?:\(\))?)\)",
            r"\1.valueOf(\3).\2()",
        ),
        (
            r"(?<![\w.])(Integer|Long|Double|Float|Boolean|Short|Byte)\.parse(?:Int|Long|"
            r"Double|Float|Boolean|Short|Byte)\(([\w.]+(?:\(\w*\))?)\)(?!\.)",
            r"\1.valueOf(\2)",
        ),
        (r"\((int|long|double|boolean)\) ([\w.]+)\.intValue\(\)", r"(\1) Integer.valueOf(\2.intValue())"),
    ),
}
STEPWISE: Table = {
    "Go": (
        (r"\b(filepath|path)\.Join\(([^(),]+), ([^(),]+), ([^()]+(?:\([^()]*\))?)\)", r"\1.Join(\1.Join(\2, \3), \4)"),
    ),
    "Python": ((r"\bos\.path\.join\(([^(),]+), ([^(),]+), ([^()]+)\)", r"os.path.join(os.path.join(\1, \2), \3)"),),
    "JavaScript": ((r"\bpath\.(join)\(([^(),]+), ([^(),]+), ([^()]+)\)", r"path.\1(path.\1(\2, \3), \4)"),),
    "Ruby": ((r"\bFile\.join\(([^(),]+), ([^(),]+), ([^()]+)\)", r"File.join(File.join(\1, \2), \3)"),),
    "C#": ((r"\bPath\.Combine\(([^(),]+), ([^(),]+), ([^()]+)\)", r"Path.Combine(Path.Combine(\1, \2), \3)"),),
}
