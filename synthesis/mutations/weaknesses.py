"""What safe calls look like in each language, and the weak form that people write instead; data for `security`."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations.operator import Edit, Site

Table = dict[str, tuple[tuple[str, str], ...]]
"""Language to (pattern, replacement) pairs over the function's text; `*` holds for every language."""

_C_RANDOM = ((r"\barc4random\(\)", "rand()"), (r"\barc4random_uniform\((\w+)\)", r"(rand() % \1)"))
_C_HASH = ((r"\bSHA(?:256|512)\(", "MD5("), (r"\bEVP_sha(?:256|512)\(", "EVP_md5("), (r"\bSHA256_", "MD5_"))
_C_CERT = ((r"(SSL_VERIFYPEER,\s*)1L?\b", r"\g<1>0L"), (r"\bSSL_VERIFY_PEER\b", "SSL_VERIFY_NONE"))

WEAK_HASH: Table = {
    "Python": ((r"\bhashlib\.(?:sha\d+|sha3_\d+|blake2[bs])\b", "hashlib.md5"),),
    "JavaScript": (
        (r"(create(?:Hash|Hmac)\(['\"])sha(?:256|384|512)\b", r"\1md5"),
        (r"-(?:gcm|cbc)(['\"])", r"-ecb\1"),
    ),
    "Java": ((r"(getInstance\(\")SHA-(?:256|512)", r"\1MD5"), (r"AES/(?:GCM/NoPadding|CBC/)", "AES/ECB/")),
    "Go": ((r"\bsha256\.New\b", "md5.New"), (r"\bsha256\.Sum256\b", "md5.Sum"), (r"\bsha512\.New\b", "md5.New")),
    "C#": ((r"\bSHA(?:256|384|512)\.(Create|HashData)", r"MD5.\1"), (r"\bCipherMode\.(?:CBC|GCM)", "CipherMode.ECB")),
    "Ruby": ((r"\bDigest::SHA(?:256|384|512|2)\b", "Digest::MD5"), (r"(Digest\.new\(['\"])sha(?:256|512)", r"\1md5")),
    "C": _C_HASH,
    "C++": _C_HASH,
}
WEAK_RANDOM: Table = {
    "Python": (
        (r"\bsecrets\.(choice|randbelow)\b", r"random.\1"),
        (r"\bos\.urandom\(", "random.randbytes("),
        (r"\bsecrets\.token_bytes\(", "random.randbytes("),
        (r"\brandom\.SystemRandom\(", "random.Random("),
    ),
    "JavaScript": (
        (r"\bcrypto\.randomInt\((\w+)\)", r"Math.floor(Math.random() * \1)"),
        (r"\bcrypto\.randomUUID\(\)", "Math.random().toString(36).slice(2)"),
    ),
    "Java": ((r"\bnew SecureRandom\(\)", "new Random()"),),
    "C#": ((r"\bRandomNumberGenerator\.GetInt32\(", "Random.Shared.Next("),),
    "Ruby": ((r"\bSecureRandom\.(?:random_number|rand)\b", "rand"), (r"\bSecureRandom\.", "Random.")),
    "C": _C_RANDOM,
    "C++": _C_RANDOM,
}
TIMING: Table = {
    "Python": ((r"\b(?:hmac|secrets)\.compare_digest\(([\w.]+), ([\w.]+)\)", r"\1 == \2"),),
    "JavaScript": ((r"\b(?:crypto\.)?timingSafeEqual\(([\w.]+), ([\w.]+)\)", r"\1.equals(\2)"),),
    "Java": ((r"\bMessageDigest\.isEqual\(", "Arrays.equals("),),
    "Go": (
        (r"\bhmac\.Equal\(", "bytes.Equal("),
        (r"\bsubtle\.ConstantTimeCompare\(([^()]*(?:\([^()]*\)[^()]*)*)\) == 1", r"bytes.Equal(\1)"),
    ),
    "C#": ((r"\bCryptographicOperations\.FixedTimeEquals\((\w+), (\w+)\)", r"\1.SequenceEqual(\2)"),),
    "Ruby": ((r"\b[\w:]*\.?(?:fixed_length_)?secure_compare\(([^(),]+), ([^(),]+)\)", r"\1 == \2"),),
    "C": ((r"\bCRYPTO_memcmp\(", "memcmp("),),
    "C++": ((r"\bCRYPTO_memcmp\(", "memcmp("),),
}
CERTIFICATES: Table = {
    "Python": (
        (r"(\brequests\.(?:get|post|put|head|delete|request)\((?:[^()]|\([^()]*\))+)\)", r"\1, verify=False)"),
        (r"\bssl\.create_default_context\(\)", "ssl._create_unverified_context()"),
        (r"\bssl\.CERT_REQUIRED\b", "ssl.CERT_NONE"),
        (r"(check_hostname\s*=\s*)True", r"\1False"),
    ),
    "JavaScript": ((r"(rejectUnauthorized:\s*)true", r"\1false"),),
    "Go": ((r"&tls\.Config\{(?=\w)", "&tls.Config{InsecureSkipVerify: true, "),),
    "Ruby": ((r"\bVERIFY_PEER\b", "VERIFY_NONE"),),
    "C": _C_CERT,
    "C++": _C_CERT,
}
PERMISSIONS: Table = {
    "*": (
        (r"\b0(o?)(?:600|640|644|660)\b", r"0\g<1>666"),
        (r"\b0(o?)(?:700|750|755|770)\b", r"0\g<1>777"),
        (r"\bS_IRUSR \| S_IWUSR\b", "S_IRUSR | S_IWUSR | S_IROTH | S_IWOTH"),
    ),
}
PARSERS: Table = {
    "Python": (
        (r"\bjson\.load(s?)\((\w+)\)", r"pickle.load\1(\2)"),
        (r"\byaml\.safe_load\(", "yaml.unsafe_load("),
        (r"\bast\.literal_eval\(", "eval("),
        (r"(?<=[=(\s])int\((\w+)\)", r"eval(\1)"),
        (r"(?<=[=(\s])float\((\w+)\)", r"eval(\1)"),
        (r"\bgetattr\((\w+), (\w+)\)", r'eval("\1." + \2)'),
    ),
    "JavaScript": (
        (r"\bJSON\.parse\((\w[\w.]*)\)", r"eval('(' + \1 + ')')"),
        (r"\bparseInt\((\w[\w.]*)(?:, 10)?\)", r"eval(\1)"),
        (r"(?<![\w.])Number\((\w[\w.]*)\)", r"eval(\1)"),
    ),
    "Ruby": (
        (r"\bJSON\.parse\((\w[\w.]*)\)", r"Marshal.load(\1)"),
        (r"\bYAML\.safe_load\(", "YAML.unsafe_load("),
        (r"(?<![\w.:])Integer\(([\w.]+)\)", r"eval(\1)"),
        (r"\.public_send\(", ".send("),
    ),
    "C#": ((r"\bTypeNameHandling\.None\b", "TypeNameHandling.All"),),
}
SHELL: Table = {
    "Python": (
        (
            r"\bsubprocess\.(run|Popen|call|check_call|check_output)\((\w+)(?=[,)])",
            r'subprocess.\1(" ".join(\2), shell=True',
        ),
    ),
    "Go": ((r"\bexec\.Command\((\w+), (\w+)\.\.\.\)", r'exec.Command("sh", "-c", \1+" "+strings.Join(\2, " "))'),),
    "JavaScript": (
        (r"\bexecFileSync\((\w+), (\w+)\)", r"execSync(`${\1} ${\2.join(' ')}`)"),
        (r"\bspawn\((\w+), (\w+), \{", r"spawn(\1, \2, { shell: true,"),
    ),
    "Ruby": ((r"(?<![\w.])system\(\*(\w+)\)", r'system(\1.join(" "))'),),
}
LIMITS: Table = {
    "Python": ((r", (?:timeout|max_length|max_size|limit|maxsize)=[\w.]+(?=[,)])", ""),),
    "JavaScript": ((r", ?\{ (?:timeout|maxBuffer|limit): [\w.]+ \}", ""), (r", (?:timeout|maxBuffer): [\w.]+", "")),
    "Go": (
        (r"\bio\.LimitReader\(([\w.]+), [^()]+\)", r"\1"),
        (r"\bhttp\.MaxBytesReader\(\w+, ([\w.]+), [^()]+\)", r"\1"),
        (r"&http\.Client\{Timeout: [^{}]+\}", "&http.Client{}"),
    ),
    "Ruby": ((r", (?:timeout|limit|read_timeout|max_nesting): [\w.]+", ""),),
}
ANCHORS: Table = {
    "Python": (
        (r"\bre\.fullmatch\(", "re.match("),
        (r"\.fullmatch\(", ".match("),
        (r"(r['\"][^'\"\n]*)\\Z(?=['\"])", r"\1$"),
    ),
    "JavaScript": ((r"/\^([^/\n]+)\$/(?=[a-z]*\.test)", r"/\1/"),),
    "Ruby": ((r"\\A([^/\n]*)\\[zZ]", r"^\1$"),),
    "Java": ((r"\.matches\(\)", ".find()"),),
    "Go": ((r"(MustCompile\(`)\^([^`]+)\$`", r"\1\2`"),),
    "C#": ((r"(IsMatch\([^\"]*\")\^([^\"]+)\$\"", r'\1\2"'),),
}

LOGS: dict[str, tuple[str, ...]] = {
    "Python": (('logging.debug'
        '("{0}: %r", {0})'), 'print("{0}", {0})', 'logger.info("{1} %s", {0})', 'print(f"{1}({{{0}}})")'),
    "JavaScript": ("console.log('{0}', {0});", ("console.debug"
        "(`{1} ${{{0}}}`);"), "console.info('{1}:', {0});", "console.log({0});"),
    "Ruby": ('puts "{0}: #{{{0}}}"', 'warn "{1} #{{{0}.inspect}}"', 'logger.debug("{0}=#{{{0}}}")', "p {0}"),
    "C++": ('std::cerr << "{0}: " << {0} << std::endl;', 'std::clog << "{1} " << {0} << "\\n";'),
    "C": ('fprintf(stderr, "{0}: %s\\n", {0});', 'printf("{1}: {0}=%s\\n", {0});', 'syslog(LOG_DEBUG, "{1} %s", {0});'),
    "Go": ('log.Printf("{0}: %v", {0})', 'fmt.Println("{1}", {0})', 'log.Println("{0}", {0})', ('fmt.Printf("{1} %+'
        'v\\n", {0})')),
    "Java": (
        'System.out.println("{0}: " + {0});', 'logger.info("{1} {0}=" + {0});', 'log.debug("{0}: " + {0});',
        'System.err.println("{1}: " + {0});',
    ),
    "C#": (
        'Console.WriteLine($"{0}: {{{0}}}");', 'Debug.WriteLine("{1}: " + {0});', ('Trace.TraceInformation'
            '("{0}=" + {0});'),
        '_logger.LogDebug("{1}: {{Value}}", {0});',
    ),
}  # fmt: skip
CATCHES: Table = {
    "Python": (
        (
            r"(?m)^(\s*except) (?!(?:Base)?Exception\b|ImportError\b|ModuleNotFoundError\b)"
            r"(?:[\w.]+|\([^()]*\))(?=:| as )",
            r"\1 Exception",
        ),
        (r"(?m)^(\s*except) (?!(?:Base)?Exception\b|ImportError\b|ModuleNotFoundError\b)[\w.]+:", r"\1:"),
    ),
    "Java": (
        (r"catch \((final )?(?!(?:final )?(?:Exception|Throwable)\b)[\w.| ]+? (\w+)\)", r"catch (\1Exception \2)"),
    ),
    "C#": ((r"catch \((?!Exception\b)[\w.]+( \w+)?\)(?! when)", r"catch (Exception\1)"),),
    "Ruby": (
        (r"\brescue (?!Exception|StandardError)[A-Z][\w:, \n]*?(?= =>|\n)", "rescue Exception"),
        (r"\brescue (?!Exception|StandardError)[A-Z][\w:, ]*(?= =>|\n)", "rescue"),
    ),
    "C++": ((r"catch \((?:const )?[\w:]+ ?& ?\w*\)(?=\s*\{\s*(?:return[^;]*;)?\s*\})", "catch (...)"),),
}
WARNINGS: dict[str, tuple[str, ...]] = {
    "Python": ("warnings.warn({0})", "logging.warning({0})", "print({0})"),
    "JavaScript": ("console.warn({0});", "console.error({0});", "console.log({0});"),
    "Java": ("System.err.println({0});", "logger.warn({0});", "log.error({0});"),
    "C#": ("Console.Error.WriteLine({0});", "Debug.WriteLine({0});", "Trace.TraceWarning({0});"),
    "C++": ("std::cerr << {0} << std::endl;", "std::clog << {0} << '\\n';"),
    "Ruby": ("warn {0}", "puts {0}", "logger.warn {0}"),
    "Go": ("log.Printf({0})", "log.Println({0})", "fmt.Println({0})"),
}
MESSAGE: dict[str, str] = {
    "Python": r"raise [\w.]+\(([^,()]+)\)",
    "JavaScript": r"throw new [\w.]+\(([^,()]+)\);?",
    "Java": r"throw new [\w.]+\(([^,()]+)\);",
    "C#": r"throw new [\w.]+\(([^,()]+)\);",
    "C++": r"throw [\w:]+\(([^,()]+)\);",
    "Ruby": r"(?:raise|fail) (?:[\w:]+(?:, |\.new\())?([\"'][^\n]*?[\"'])\)?",
    "Go": r"return (?:[\w.]+, )*errors\.New\(([^,()]+)\)",
}


def _line(data: bytes, position: int) -> int:
    """The line feed before `position`, where only white space stands between; else `position`."""
    found = data.rfind(b"\n", 0, position)
    return found if found >= 0 and not data[found:position].strip() else position


def rewrites(syntax: Syntax, function: Function, table: Table) -> Iterator[Site]:
    """One site for each place of the function's body, outside of comments, where a pattern of `table` stands."""
    quiet = [(n.start_byte, n.end_byte) for n in syntax.nodes("comments", "comment", function.node)]
    quiet += [(n.start_byte, n.end_byte) for n in syntax.nodes("docstrings", "docstring", function.node)]
    start = _line(syntax.data, function.body.start_byte)
    body = syntax.data[start : function.body.end_byte]
    for pattern, replacement in table.get(syntax.language, ()) + table.get("*", ()):
        for match in re.finditer(pattern.encode(), body):
            at = start + match.start()
            if not any(a <= at < b for a, b in quiet):
                yield (Edit(at, start + match.end(), match.expand(replacement.encode()).decode("utf-8", "replace")),)
