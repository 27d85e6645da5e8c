"""Parsers and writers of data in their safe form, and the weak form that people use instead; data for `injection`."""

from synthesis.mutations.patterns import Table

EVALUATED: Table = {
    "Python": (
        (r"\bast\.literal_eval\(", "eval("),
        (r"(?<=[=(\s])(?:int|float)\((\w*(?:value|text|raw|arg|input|param|string|str|data|token|s))\)", r"eval(\1)"),
        (r"\bgetattr\((\w+), (\w+)\)", r'eval("\1." + \2)'),
    ),
    "JavaScript": (
        (r"\bJSON\.parse\((\w[\w.]*)\)", r"eval('(' + \1 + ')')"),
        (r"\bparseInt\((\w[\w.]*)(?:, 10)?\)", r"eval(\1)"),
        (r"(?<![\w.])Number\((\w[\w.]*)\)", r"eval(\1)"),
    ),
    "Ruby": (
        (r"(?<![\w.:])Integer\(([\w.]+)\)", r"eval(\1)"),
        (r"(?:(?<![\w.:])|\bObject\.)const_get\((\w+)\)", r"eval(\1)"),
    ),
}
LOADERS: Table = {
    "Python": (
        (r"\byaml\.safe_load\(", "yaml.unsafe_load("),
        (r"\byaml\.safe_load_all\(", "yaml.unsafe_load_all("),
        (r"(Loader=yaml\.)C?SafeLoader\b", r"\1Loader"),
        (r"\bjson\.load\((\w+)\)", r"yaml.load(\1, Loader=yaml.Loader)"),
        (r"\bjson\.loads\(([\w.]+)\)", r"yaml.load(\1, Loader=yaml.Loader)"),
    ),
    "JavaScript": ((r"\byaml\.safeLoad\(", "yaml.load("),),
    "Ruby": (
        (
            r"\b(YAML|Psych|SafeYAML)\.safe_load(_file)?\(([\w.]+)(?:, [^()]*(?:\[[^\]]*\])?[^()]*)?\)",
            r"YAML.unsafe_load\2(\3)",
        ),
        (r"(?<!:)\bJSON\.parse\((\w[\w.]*)\)", r"YAML.unsafe_load(\1)"),
    ),
    "Java": (
        (r"\bnew SafeConstructor\(", "new Constructor("),
        (r"\n[ \t]+\w+\.setObjectInputFilter\([^;]*\);(?=\n)", ""),
    ),
    "C#": (
        (r"\bTypeNameHandling\.None\b", "TypeNameHandling.All"),
        (r"\n[ \t]+\w+\.SerializationBinder = [^;]*;(?=\n)", ""),
    ),
}
ENTITIES: Table = {
    "Python": (
        (r"\bresolve_entities=False\b", "resolve_entities=True"),
        (r"\bno_network=True\b", "no_network=False"),
        (r"\bdefusedxml\.", "xml.etree."),
    ),
    "Java": (
        (r"(disallow-doctype-decl\", )true", r"\1false"),
        (r"(setFeature\(XMLConstants\.FEATURE_SECURE_PROCESSING, )true", r"\1false"),
        (r"(external-(?:general|parameter)-entities\", )false", r"\1true"),
        (r"(SUPPORT_DTD, )false", r"\1true"),
        (r"(setExpandEntityReferences\()false", r"\1true"),
    ),
    "C#": ((r"\bDtdProcessing\.(?:Prohibit|Ignore)\b", "DtdProcessing.Parse"), (r"\bXmlResolver = null\b", "XmlResolv"
        "er = new XmlUrlResolver()")),
    "Ruby": ((r"(?:\.nonet|\bnonet)\b", ""), (r"\bNokogiri::XML::ParseOptions::NONET\b", "Nokogiri::XML::ParseOptions"
        "::NOENT")),
    "JavaScript": ((r"\b(noent: )false", r"\1true"),),
    "C": ((r"\bXML_PARSE_NONET\b", "XML_PARSE_NOENT"),),
    "C++": ((r"\bXML_PARSE_NONET\b", "XML_PARSE_NOENT"),),
}  # fmt: skip
PAGES: Table = {
    "JavaScript": (
        (r"\.textContent = (?!['\"`][^'\"`]*['\"`];)", ".innerHTML = "),
        (r"\.text\((?=\w[\w.]*\))", ".html("),
        (r"document\.createTextNode\((\w+)\)", r"document.createRange().createContextualFragment(\1)"),
    ),
    "Python": ((r"\bautoescape=True\b", "autoescape=False"), (r"\bselect_autoescape\([^()]*\)", "False"), (r"\bMarkup"
        r"\.escape\(",
        "Markup(")),
    "Ruby": ((r"\.(?:shellescape|html_escape)\b(?!\()", ""), (r"\bERB::Util\.h\((\w+)\)", r"\1"), (r"<%= ?h (\w+) ?%>",
        r"<%= \1 %>")),
}  # fmt: skip
LINE_BREAKS: Table = {
    "Python": ((r"\.replace\((['\"])(?:\\r\\n|\\r|\\n|\\0|\\x00)\1, (['\"]) ?\2\)", ""),),
    "JavaScript": ((r"\.replace\(/(?:\[(?:\\r|\\n|\\0)+\]|\\r\?\\n|\\n|\\0)\+?/g, (['\"]) ?\1\)", ""),),
    "Ruby": (
        (r"\.(?:gsub|delete|tr)\((?:/\[?(?:\\r|\\n|\\0|\?)+\]?\+?/|\"(?:\\r|\\n|\\0)+\")(?:, ['\"] ?['\"])?\)", ""),
    ),
    "Java": ((r"\.replace(?:All)?\(\"\[?(?:\\?\\r|\\?\\n)+\]?\+?\", \" ?\"\)", ""),),
    "C#": ((r"\.Replace\(\"(?:\\r|\\n)+\", (?:\" ?\"|string\.Empty)\)", ""),),
    "Go": ((r"strings\.ReplaceAll\((\w+), \"(?:\\r|\\n)+\", \" ?\"\)", r"\1"),),
}
