"""How each language copies, holds and sizes things; data and small questions for `memory`."""

import re

from synthesis.mutations.weaknesses import Table

_NAME = r"([A-Za-z_][\w.]*)"
_ITEMS = r"([A-Za-z_][\w.]*(?:\.(?:items|keys|values)\(\))?)"

EAGER: Table = {
    "Python": (
        (rf"(?<=\n)([ \t]*(?:async )?for [\w, ()]+ in ){_ITEMS}:", r"\1list(\2):"),
        (r"(?<=\n)([ \t]*for [\w, ()]+ in )((?:enumerate|zip|range|map|filter|reversed)\([^\n]*\)):", r"\1list(\2):"),
        ((r"\b(sum|any|all|max|min|set|sorted|dict|join|tuple|list)\(((?:[^()\[\]]"
            r"|\([^()]*\))+? for [\w, ]+ in (?:[^()\[\]]|\([^()]*\))+)\)"), r"\1([\2])"),
        (r"(?<=\n)([ \t]*for \w+ in )(\w*(?:file|fp|fh|handle|stream))\b:", r"\1\2.readlines():"),
        (r"\bitertools\.chain\((\w+), (\w+)\)", r"list(\1) + list(\2)"),
        (r"\breturn \(((?:[^()]|\([^()]*\))+ for [\w, ]+ in (?:[^()]|\([^()]*\))+)\)", r"return [\1]"),
    ),
    "JavaScript": (
        (rf"(\bfor \((?:const|let|var) [\w, \[\]{{}}]+ of ){_NAME}\)", r"\1[...\2])"),
        (rf"(\bfor \((?:const|let|var) [\w]+ in ){_NAME}\)", r"\1{ ...\2 })"),
        ((r"(\bfor \((?:const|let|var) [\w, \[\]{}]+ of )(Object\.\w+"
            r"\([\w.]+\)|[\w.]+\.(?:entries|keys|values)\(\))\)"), r"\1[...\2])"),
        (rf"\b{_NAME}(\.forEach\(|\.map\(|\.some\(|\.every\(|\.reduce\(|\.filter\(|\.find\()", r"\1.slice()\2"),
    ),
    "Ruby": (
        (r"(?<![\w.])(@?[a-z_][\w.]*)\.each(?= \{| do\b)", r"\1.to_a.each"),
        ((r"(?<![\w.])(@?[a-z_][\w.]*)\.(each_with_index|map|each_pair|each_wi"
            r"th_object|any\?|all\?|inject|reduce|select)(?= \{| do\b|\()"), r"\1.dup.\2"),
        (r"\.each_line\b", ".readlines.each"),
        (r"\.each_char\b", ".chars.each"),
        (r"\.each_byte\b", ".bytes.each"),
        (r"\.lazy\b", ""),
        (r"\b(File|IO)\.foreach\(([^()]+)\)", r"\1.readlines(\2).each"),
    ),
    "Java": (
        ((r"(\bfor \((?:final )?[\w.<>?, \[\]]+ \w+ ?: )([\w.]+"
            r"(?:\.(?:keySet|values|entrySet|get\w+)\(\)))\)"), r"\1new ArrayList<>(\2))"),
        ((r"(\.(?:filter|map)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))+\))(?=\s*\."
            r"(?:filter|map|forEach|findFirst|anyMatch|collect)\()"), r"\1.collect(Collectors.toList()).stream()"),
        ((r"(\bfor \((?:final )?[\w.<>?, \[\]]+ \w+ ?: )(\w*(?:[lL]ist|[sS]et"
            r"|[cC]ollection|[vV]alues|[iI]tems|[eE]lements|[eE]ntries|[nN]odes))\)"), r"\1new ArrayList<>(\2))"),
        (r"(?<=return )(\w+)\.toString\(\)(?=;)", r"new String(\1.toString())"),
        (r"(?<=[ \t(])(\w+)\.toCharArray\(\)", r"\1.toCharArray().clone()"),
        (r"\bArrays\.stream\((\w+)\)", r"Arrays.asList(\1).stream()"),
        (r"\bFiles\.lines\(([^()]+)\)", r"Files.readAllLines(\1).stream()"),
    ),
    "C#": (
        (r"(\bforeach \((?:var|[\w.<>?, ]+) \w+ in )([\w.]+(?:\(\))?)\)", r"\1\2.ToList())"),
        (r"(\bforeach \(\([\w, ]+\) in )([\w.]+)\)", r"\1\2.ToArray())"),
        (r"(\.(?:Where|Select)\((?:[^()]|\([^()]*\))+\))(?=\s*\.)", r"\1.ToList()"),
        (r"\bFile\.ReadLines\(", "File.ReadAllLines("),
    ),
    "Go": (
        (r"(\bfor \w+, \w+ := range )\[\]byte\((\w+)\)", r"\1append([]byte(nil), \2...)"),
    ),
}  # fmt: skip
WHOLE: Table = {
    "Python": (
        (r"(\.read)\((?:\w*(?:size|SIZE|chunk|CHUNK|n|count|length)\w*|\d+)\)", r"\1()"),
        (r"\b(lru_cache)\(maxsize=\d+\)", r"\1(maxsize=None)"),
        (r"\bdeque\((\w*),? ?maxlen=[\w.]+\)", r"deque(\1)"),
        (r"\bmemoryview\(([\w.]+)\)", r"\1"),
        (r"\bweakref\.(?:ref|proxy)\(([\w.]+)\)", r"\1"),
        (r"\bWeak(?:Key|Value)Dictionary\(\)", "{}"),
        (r"\bxrange\(", "range("),
        (r"(?<![\w.])(?:itertools\.)?islice\((\w+), (\w+)\)", r"list(\1)[:\2]"),
        (r", (?:buffering|buffer_size|chunksize|chunk_size)=[\w.]+", ""),
        (r"\bnp\.(?:float32|int32|int16|int8|uint8)\b", "np.float64"),
    ),
    "JavaScript": (
        (r"\bnew Weak(Map|Set)\(", r"new \1("),
        ((r"\bnew (?:Uint8|Int8|Uint16|Int16|Int32|Uint32|Float32)"
            r"Array\((\w*(?:size|length|len|count)\w*|\d+)\)"), r"new Float64Array(\1)"),
        (r"\.subarray\(", ".slice("),
    ),
    "Java": (
        (r"\bnew WeakHashMap<", "new HashMap<"),
        (r"\b(?:Collections\.empty(?:List|Set)\(\)|List\.of\(\))", "new ArrayList<>()"),
        (r"\bCollections\.emptyMap\(\)", "new HashMap<>()"),
        (r"\b(?:ArrayUtils\.)?EMPTY_STRING_ARRAY\b", "new String[0]"),
        (r"\b(Integer|Long|Double|Character|Boolean)\.valueOf\((\w+)\)", r"new \1(\2)"),
    ),
    "Ruby": ((r"\.read\((?:\w*(?:size|SIZE|length|CHUNK|BUF)\w*|\d+)\)", ".read"), (r"(?<=['\"])\.freeze\b", "")),
    "C#": ((r"\bArray\.Empty<(\w+)>\(\)", r"new \1[0]"), ((r"\bEnumerable\.Empty<"
        r"([^()]+)>\(\)"), r"new List<\1>()"), (r"\.AsSpan\(", ".Substring("), ((r"\bstackalloc "
            r"(\w+)\["), r"new \1["), (r"\.EnumerateFiles\(", ".GetFiles(")),
}  # fmt: skip
IN_PLACE: Table = {
    "Python": (
        (r"(?m)^([ \t]*)([A-Za-z_][\w.]*)\.sort\(\)$", r"\1\2 = sorted(\2)"),
        (r"(?m)^([ \t]*)([A-Za-z_][\w.]*)\.sort\((key=[^\n]+)\)$", r"\1\2 = sorted(\2, \3)"),
        (r"(?m)^([ \t]*)([A-Za-z_][\w.]*)\.reverse\(\)$", r"\1\2 = \2[::-1]"),
        (r"(?m)^([ \t]*)([A-Za-z_][\w.]*)\.extend\(([^\n]+)\)$", r"\1\2 = \2 + list(\3)"),
        (r"(?m)^([ \t]*)([A-Za-z_][\w.]*)\.update\(([A-Za-z_][\w.]*)\)$", r"\1\2 = {**\2, **\3}"),
        (r"(?m)^([ \t]*)([A-Za-z_]\w*) \+= (\[[^\n]+\])$", r"\1\2 = \2 + \3"),
    ),
    "JavaScript": (
        (r"\bObject\.assign\(([\w.]+), ([\w.]+)\)(?=;)", r"\1 = { ...\1, ...\2 }"),
        (r"(?m)^([ \t]*)(this\.\w+)\.push\(([^()\n]+)\)(;?)$", r"\1\2 = [...\2, \3]\4"),
        (r"(?m)^([ \t]*)(this\.\w+)\.sort\(([^\n]*)\)(;?)$", r"\1\2 = this\2.slice().sort(\3)\4"),
    ),
    "Ruby": (
        ((r"(?m)^([ \t]*)(@?[a-z_]\w*)\.(map|select|reject|uniq|compact|sort"
            r"|flatten|reverse|gsub|sub|strip|chomp|downcase|upcase|sort_by)!"), r"\1\2 = \2.\3"),
        (r"(?m)^([ \t]*)(@?[a-z_]\w*)\.merge!\(", r"\1\2 = \2.merge("),
        (r"(?m)^([ \t]*)(@?[a-z_]\w*)\.concat\(([^\n,]+)\)$", r"\1\2 += \3"),
        (r"(?m)^([ \t]*)(@?[a-z_]\w*)\.push\(([^\n,]+)\)$", r"\1\2 += [\3]"),
        (r"(?m)^([ \t]*)(@?[a-z_]\w*) << ((?:['\"]|\w+\.(?:to_s|join|strip))[^\n<]*)$", r"\1\2 += \3"),
    ),
    "C#": ((r"(?m)^([ \t]*)(\w+)\.Reverse\(\);", r"\1\2 = \2.AsEnumerable().Reverse().ToList();"),),
    "Go": ((r"(?m)^([ \t]*)(\w+) = (\w+)\[:0\]$", r"\1\2 = nil"),),
}  # fmt: skip
_C_WIDER = (
    (
        (
            r"(?m)^([ \t]+(?:static )?(?:const )?)(?:unsigned )?(?:short|int|uint8_t"
            r"|uint16_t|uint32_t|int32_t) (\w+\[)(?!\])(?=[^\n]*;)(?!sizeof)"
        ),
        r"\1long \2",
    ),
    (r"\bfloat (\w+\[)", r"double \1"),
)
WIDER: Table = {
    "C": _C_WIDER,
    "C++": (*_C_WIDER, ((r"\bstd::vector<(?:int|bool|char|float"
        r"|uint8_t|uint32_t|int32_t)>"), "std::vector<long double>")),
    "Go": (
        (r"\bmap\[(\w+)\]struct\{\}", r"map[\1]interface{}"),
        (r"\[\](?:int32|uint32|int16|uint16|float32)\b", "[]int64"),
    ),
}  # fmt: skip
BOXED: Table = {
    "Java": (
        (r"(?<=[ \t])int (\w*(?:[cC]ount|[tT]otal|[sS]um|[lL]en|size|result|[lL]ength|[pP]os)) = ", r"Integer \1 = "),
        (r"(?<=[ \t])(?:double|float) (\w+) = (?=\d)", r"Double \1 = "),
        (r"(?<=[ \t])long (\w+) = (?=\d+L|\w+\.)", r"Long \1 = "),
        (r"(?<=[ \t])(?:boolean) (\w+) = (?=true|false)", r"Boolean \1 = "),
    ),
}
SIZES: Table = {
    "C": (
        (r"(?m)^([ \t]+char \w+\[)(\d{2,4})\]", r"\1\g<2>0]"),
        (r"(?m)^([ \t]+(?:unsigned )?char \w+\[)([A-Z_]+)\]", r"\1\2 * 16]"),
        (r"\b(z?malloc|alloca|s_malloc)\(((?:[^()]|\([^()]*\))+)\)", r"\1(2 * (\2))"),
        (r"\b(z?calloc)\(([\w>.-]+), ?", r"\1(\2 * 2, "),
        (r"\b(z?realloc)\((\w+), ?((?:[^()]|\([^()]*\))+)\)", r"\1(\2, 2 * (\3))"),
    ),
    "C++": (
        (r"(?m)^([ \t]+char \w+\[)(\d{2,4})\]", r"\1\g<2>0]"),
        (r"\bnew (char|uint8_t|int|float|double)\[([\w.>()+ -]+)\]", r"new \1[2 * (\2)]"),
        (r"(\.reserve)\(([\w.>()+ -]+)\)(?=;)", r"\1(4 * (\2))"),
        (r"(\.resize)\((\w+)\)(?=;)", r"\1(\2 + \2 / 2)"),
    ),
    "Go": (
        (r"\bmake\((\[\]\w+), 0, ([\w.()]+)\)", r"make(\1, 0, 2*\2)"),
        (r"\bmake\((\[\]byte), (\d{2,})\)", r"make(\1, \g<2>0)"),
        (r"\bmake\((map\[\w+\]\w+)\)", r"make(\1, 1024)"),
        (r"\bmake\((chan \w+), (\w+)\)", r"make(\1, \2*16)"),
    ),
    "Java": (
        (r"\bnew (byte|char|int|long)\[(\d{2,})\]", r"new \1[\g<2>0]"),
        (r"\bnew (byte|char|int|long|double|float)\[([a-z][\w.]*)\]", r"new \1[2 * \2]"),
        (r"\bnew (StringBuilder|StringBuffer)\(\)", r"new \1(8192)"),
        (r"\bnew (StringBuilder|StringBuffer)\((\w+)\)", r"new \1(\2 * 16)"),
        (r"\bnew (ArrayList|HashMap|HashSet|LinkedHashMap|LinkedHashSet)<(\w*)>\(\)", r"new \1<\2>(1024)"),
        (r"\bnew (HashMap|HashSet|ArrayList)<([\w, ]*)>\(\)", r"new \1<\2>(4096)"),
    ),
    "C#": (
        (r"\bnew (byte|char|int|long)\[(\d{2,})\]", r"new \1[\g<2>0]"),
        (r"\bnew (byte|char|int|long)\[([a-z][\w.]*)\]", r"new \1[\2 * 2]"),
        (r"\bnew (StringBuilder|MemoryStream)\(\)", r"new \1(8192)"),
        (r"\bnew (List|Dictionary|HashSet)<([^()]*)>\(\)", r"new \1<\2>(1024)"),
    ),
    "JavaScript": ((r"\bBuffer\.alloc(Unsafe)?\(([1-9a-zA-Z][\w.]*)\)", r"Buffer.alloc\1(\2 * 2)"),),
    "Python": ((r"\bbytearray\((\w+)\)", r"bytearray(2 * \1)"), (r"\.read\((\d+|[A-Z_]+)\)", r".read(\1 * 64)")),
}  # fmt: skip


def copied(language: str, name: str, made: str) -> str | None:
    """An expression that copies the container `name`, made by the expression `made`; None where it is none.

    Args:
        language: released name.
        name: the local.
        made: source of what it was first set to, with its declaration.
    """
    listed, keyed = (
        re.search(r"= ?(?:\[\]|\[[^\]]+\]|list\(.*\)|\[.* for .*\])$", made),
        re.search(r"= ?(?:\{\}|\{[^:{}]+: .*\}|dict\(.*\))$", made, re.DOTALL),
    )
    forms: dict[str, tuple[tuple[object, str], ...]] = {
        "Python": ((listed, f"list({name})"), (keyed, f"dict({name})"),
            (re.search(r"= (?:set\(|\{[^:]*\}$)", made), f"set({name})")),
        "JavaScript": ((re.search(r"= ?\[", made), f"[...{name}]"), (re.search(r"= ?\{", made), f"{{ ...{name} }}")),
        "Ruby": ((re.search((r"= ?(?:\[|\{|Hash\.new|String\.new|['\"]|.*\."
            r"(?:map|select|merge|split|join))"), made), f"{name}.dup"),),
        "Java": (
            (re.search(r"new (?:ArrayList|LinkedList)<", made), f"new ArrayList<>({name})"),
            (re.search(r"new (?:Linked|Tree)?HashSet<", made), f"new HashSet<>({name})"),
            (re.search(r"new (?:Linked)?HashMap<", made), f"new LinkedHashMap<>({name})"),
            (re.search(r"new \w+\[", made), f"{name}.clone()"),
            (re.search(r"^String \w+ =", made), f"new String({name})"),
        ),
        "C#": (
            (re.search(r"new List<", made), f"{name}.ToList()"), (re.search(r"new \w+\[", made), f"{name}.ToArray()"),
            (re.search(r"new Dictionary<", made), f"new {(re.search('new ([^(]+)', made) or [0, ''])[1]}({name})"),
        ),
    }  # fmt: skip
    if language == "Go":
        found = re.search(r"(\[\][\w.*]+)(?:\{|, |$)", made)
        return f"append({found[1]}(nil), {name}...)" if found else None
    return next((form for fits, form in forms.get(language, ()) if fits), None)
