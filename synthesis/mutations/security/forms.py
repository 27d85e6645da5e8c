"""What safe code looks like in each language, and the weak form that people write instead; data for the operators."""

from synthesis.mutations.patterns import Table

_C_RANDOM = (
    (r"\barc4random\(\)", "rand()"),
    (r"\barc4random_uniform\((\w+)\)", r"(rand() % \1)"),
    (r"\bstd::random_device (\w+);", r"std::mt19937 \1(time(nullptr));"),
)
_C_HASH = (
    (r"\bSHA(?:256|512)\(", "MD5("),
    (r"\bEVP_sha(?:256|384|512)\(", "EVP_md5("),
    (r"\bSHA256_(Init|Update|Final)\b", r"MD5_\1"),
    (r"\bEVP_aes_(\d+)_(?:gcm|cbc)\(", r"EVP_aes_\1_ecb("),
)
_C_CERT = (
    (r"(SSL_VERIFYPEER,\s*)1L?\b", r"\g<1>0L"),
    (r"(SSL_VERIFYHOST,\s*)2L?\b", r"\g<1>0L"),
    (r"\bSSL_VERIFY_PEER(?: \| SSL_VERIFY_FAIL_IF_NO_PEER_CERT)?\b", "SSL_VERIFY_NONE"),
    (r"\bMBEDTLS_SSL_VERIFY_REQUIRED\b", "MBEDTLS_SSL_VERIFY_NONE"),
)
_C_PROTOCOL = (
    (r"\bTLS1_[23]_VERSION\b", "TLS1_VERSION"),
    (r"\bCURL_SSLVERSION_TLSv1_[23]\b", "CURL_SSLVERSION_TLSv1_0"),
)
_C_TIMING = (
    (r"\bCRYPTO_memcmp\(", "memcmp("),
    (r"\bsodium_memcmp\(", "memcmp("),
    (r"\btimingsafe_[bm](?:em)?cmp\(", "memcmp("),
)
_C_DESCRIPTORS = (
    (r" ?\| ?(?:O_NOFOLLOW|O_CLOEXEC|SOCK_CLOEXEC|UV__?O_CLOEXEC|EFD_CLOEXEC|EPOLL_CLOEXEC)\b", ""),
    (r"\b(?:O_NOFOLLOW|O_CLOEXEC|SOCK_CLOEXEC) ?\| ?", ""),
    (r"\bAT_SYMLINK_NOFOLLOW\b", "0"),
)
_C_EXCLUSIVE = ((r" ?\| ?O_EXCL\b", ""), (r"\bO_EXCL ?\| ?", ""), (r"(fopen\([^;\n]*\"w[b+]*)x(b?e?\")", r"\1\2"))

WEAK_HASH: Table = {
    "Python": (
        (r"\bhashlib\.(?:sha(?:224|256|384|512)|sha3_\d+|blake2[bs])\b(?!\))", "hashlib.md5"),
        (r"\bMODE_(?:GCM|CBC)\b", "MODE_ECB"),
    ),
    "JavaScript": (
        (r"(create(?:Hash|Hmac)\(['\"])sha(?:256|384|512)\b", r"\1md5"),
        (r"(['\"]aes-(?:128|192|256))-(?:gcm|cbc)(['\"])", r"\1-ecb\2"),
    ),
    "Java": (
        (r"(getInstance\(\")SHA-(?:256|512)", r"\1MD5"),
        (r"AES/(?:GCM/NoPadding|CBC/(?=PKCS))", "AES/ECB/"),
        (r"\bDigestUtils\.sha(?:256|512)Hex\(", "DigestUtils.md5Hex("),
    ),
    "Go": ((r"\bsha256\.New\b", "md5.New"), (r"\bsha256\.Sum256\(", "md5.Sum("), (r"\bsha512\.New\b", "md5.New")),
    "C#": ((r"\bSHA(?:256|384|512)\.(Create|HashData)", r"MD5.\1"), (r"\bCipherMode\.(?:CBC|GCM)", "CipherMode.ECB")),
    "Ruby": ((r"\bDigest::SHA(?:256|384|512|2)\b", "Digest::MD5"), (r"(Digest\.new\(['\"])sha(?:256|512)", r"\1md5")),
    "C": _C_HASH,
    "C++": _C_HASH,
}
EFFORT: Table = {
    "Python": (
        (r"(pbkdf2_hmac\([^()]*, )\d{4,}", r"\g<1>100"),
        (r"(iterations\s*=\s*)\d{5,}", r"\g<1>1000"),
        (r"(key_size\s*=\s*)(?:2048|3072|4096)", r"\g<1>1024"),
        (r"\bsecrets\.token_(hex|bytes|urlsafe)\((?:1[6-9]|[2-9]\d)?\)", r"secrets.token_\1(4)"),
    ),
    "JavaScript": ((r"(pbkdf2(?:Sync)?\([^()]*, )\d{4,}", r"\g<1>100"), (r"(randomBytes\()(?:1[6-9]|[2-9]\d)\)",
        r"\g<1>4)"), (
        r"(modulusLength: )(?:2048|4096)",
        r"\g<1>1024")),
    "Ruby": ((r"(SecureRandom\.(?:hex|bytes|urlsafe_base64|alphanumeric))(?:\((?:1[6-9]|[2-9]\d)\)|(?![\w(]))",
        r"\1(4)"), (
        r"(RSA\.new[( ])(?:2048|4096)",
        r"\g<1>1024"), (
        r"(iterations?: )\d{4,}",
        r"\g<1>100")),
    "Go": ((r"(GenerateKey\(rand\.Reader, )(?:2048|4096)", r"\g<1>1024"), (r"\bbcrypt\.DefaultCost\b", "bcrypt.MinCos"
        "t"), (
        r"\belliptic\.P(?:256|384)\(",
        "elliptic.P224(")),
    "Java": ((r"(new PBEKeySpec\([^()]*, )\d{4,}", r"\g<1>100"), (r"(\.initialize\()(?:2048|4096)", r"\g<1>1024")),
    "C#": ((r"(Rfc2898DeriveBytes(?:\.Pbkdf2)?\([^()]*, )\d{4,}", r"\g<1>100"), (r"(RSA\.Create\()(?:2048|4096)",
        r"\g<1>1024")),
}  # fmt: skip
WEAK_RANDOM: Table = {
    "Python": (
        (r"\bsecrets\.(choice|randbelow)\b", r"random.\1"),
        (r"\bos\.urandom\(", "random.randbytes("),
        (r"\bsecrets\.token_bytes\(", "random.randbytes("),
        (r"\bsecrets\.token_hex\((\d+)\)", r"random.randbytes(\1).hex()"),
        (r"\brandom\.SystemRandom\(", "random.Random("),
    ),
    "JavaScript": (
        (r"\bcrypto\.randomInt\((\w+)\)", r"Math.floor(Math.random() * \1)"),
        (r"\bcrypto\.randomUUID\(\)", "Math.random().toString(36).slice(2)"),
        (r"\b(?:crypto\.)?randomBytes\(\w+\)\.toString\(['\"]\w+['\"]\)", "Math.random().toString(36).slice(2)"),
    ),
    "Java": ((r"\bnew SecureRandom\(\)", "new Random()"), (r"\bSecureRandom (\w+ = new Random)", r"Random \1")),
    "C#": ((r"\bRandomNumberGenerator\.GetInt32\(", "Random.Shared.Next("), (r"\bRandomNumberGenerator\.Fill\(",
        "Random.Shared.NextBytes(")),
    "Ruby": (
        (r"\bSecureRandom\.(?:random_number|rand)\b", "rand"),
        (r"\bSecureRandom\.hex(?:\((\d+)\))?(?![\w(])", r"rand(2**64).to_s(16)"),
        (r"\bSecureRandom\.(?:random_)?bytes\(", "Random.bytes("),
    ),
    "C": _C_RANDOM,
    "C++": _C_RANDOM,
}  # fmt: skip
TIMING: Table = {
    "Python": (
        (r"\b(?:hmac|secrets)\.compare_digest\(([^(),]+(?:\([^()]*\))?), ([^(),]+(?:\([^()]*\))?)\)", r"\1 == \2"),
    ),
    "JavaScript": ((r"\b(?:crypto\.)?timingSafeEqual\(([\w.]+), ([\w.]+)\)", r"\1.equals(\2)"),),
    "Java": ((r"\bMessageDigest\.isEqual\(", "Arrays.equals("),),
    "Go": (
        (r"\bhmac\.Equal\(", "bytes.Equal("),
        (r"\bsubtle\.ConstantTimeCompare\(([^()]*(?:\([^()]*\)[^()]*)*)\) == 1", r"bytes.Equal(\1)"),
    ),
    "C#": ((r"\bCryptographicOperations\.FixedTimeEquals\((\w+), (\w+)\)", r"\1.SequenceEqual(\2)"),),
    "Ruby": ((r"\b(?:[\w:]+\.)?(?:fixed_length_)?secure_compare\(([^(),]+), ([^(),]+)\)", r"\1 == \2"),),
    "C": _C_TIMING,
    "C++": _C_TIMING,
}
CERTIFICATES: Table = {
    "Python": (
        (r"(\brequests\.(?:get|post|put|head|delete|request)\((?:[^()]|\([^()]*\))+?)\)", r"\1, verify=False)"),
        (r"\bssl\.create_default_context\([^()]*\)", "ssl._create_unverified_context()"),
        (r"\bssl\.CERT_REQUIRED\b", "ssl.CERT_NONE"),
        (r"(check_hostname\s*=\s*)True", r"\1False"),
    ),
    "JavaScript": ((r"(rejectUnauthorized:\s*)true", r"\1false"), (r"(rejectUnauthorized = )true", r"\1false")),
    "Java": ((r"(\.setEndpointIdentificationAlgorithm\()\"HTTPS\"", r"\1null"),),
    "Go": (
        (r"&tls\.Config\{(?=\w)(?![^{}]*InsecureSkipVerify)", "&tls.Config{InsecureSkipVerify: true, "),
        (r"(InsecureSkipVerify:\s*)(?:false|\w[\w.]*)(?=,|\}|\n)", r"\1true"),
        (r"\btls\.RequireAndVerifyClientCert\b", "tls.RequestClientCert"),
    ),
    "C#": ((r"(sslPolicyErrors|errors) == SslPolicyErrors\.None", "true"),),
    "Ruby": ((r"\bVERIFY_PEER\b", "VERIFY_NONE"),),
    "C": _C_CERT,
    "C++": _C_CERT,
}
PROTOCOLS: Table = {
    "Python": ((r"\bTLSVersion\.TLSv1_[23]\b", "TLSVersion.TLSv1"), (r"\bssl\.PROTOCOL_TLSv1_2\b", "ssl.PROTOCOL_TLSv"
        "1")),
    "JavaScript": ((r"(minVersion: ['\"])TLSv1\.[23]", r"\1TLSv1"),),
    "Java": ((r"(SSLContext\.getInstance\(\")TLS(?:v1\.[23])?\"", r'\1SSLv3"'),),
    "Go": ((r"(?<![<>!=]= )(?<![<>] )\btls\.VersionTLS1[23]\b", "tls.VersionTLS10"),),
    "C#": ((r"\bSslProtocols\.Tls1[23]\b", "SslProtocols.Tls"), (r"\bSecurityProtocolType\.Tls1[23]\b", "SecurityProt"
        "ocolType.Tls")),
    "Ruby": ((r"\bTLS1_[23]_VERSION\b", "TLS1_VERSION"), (r":TLSv1_2\b", ":TLSv1")),
    "C": _C_PROTOCOL,
    "C++": _C_PROTOCOL,
}  # fmt: skip
PERMISSIONS: Table = {
    "*": (
        (r"(?<![\w.])0(o?)(?:600|640|644|660)\b", r"0\g<1>666"),
        (r"(?<![\w.])0(o?)(?:700|750|755|770)\b", r"0\g<1>777"),
        (r"\bS_IRUSR ?\| ?S_IWUSR\b(?! ?\|)", "S_IRUSR | S_IWUSR | S_IROTH | S_IWOTH"),
        (r"\bumask\(0?[0-7]*7[0-7]?\)", "umask(0)"),
    ),
}
EXCLUSIVE: Table = {
    "Python": (
        (r"(\bopen\([^()\n]*, (?:mode=)?['\"])x(b?t?\+?['\"])", r"\1w\2"),
        (r" ?\| ?os\.O_EXCL\b", ""),
        (r"\btempfile\.mkdtemp\(", "tempfile.mktemp("),
    ),
    "JavaScript": ((r"(flags?: ['\"])(w|a)x(['\"])", r"\1\2\3"), (r" ?\| ?(?:fs\.)?constants\.O_EXCL\b", "")),
    "Ruby": ((r" ?\| ?(?:::)?File::EXCL\b", ""), (r"\b(?:::)?File::EXCL ?\| ?", "")),
    "Java": ((r"\bStandardOpenOption\.CREATE_NEW\b", "StandardOpenOption.CREATE"),),
    "C#": ((r"\bFileMode\.CreateNew\b", "FileMode.Create"),),
    "Go": ((r" ?\| ?(?:os|syscall|unix)\.O_EXCL\b", ""),),
    "C": _C_EXCLUSIVE,
    "C++": _C_EXCLUSIVE,
}
DESCRIPTORS: Table = {
    "Python": ((r" ?\| ?os\.O_(?:NOFOLLOW|CLOEXEC)\b", ""), (r", follow_symlinks=False(?=[,)])", ""), (
        r", close_fds=True(?=[,)])",
        ", close_fds=False")),
    "Go": ((r" ?\| ?(?:syscall|unix)\.O_(?:NOFOLLOW|CLOEXEC)\b", ""),),
    "Ruby": ((r"\b(close_on_exec\s*=\s*)true", r"\1false"), (r", close_others: true(?=[,)\s])", ", close_others: "
        "false")),
    "Java": ((r", LinkOption\.NOFOLLOW_LINKS(?=\))", ""),),
    "C": _C_DESCRIPTORS,
    "C++": _C_DESCRIPTORS,
}  # fmt: skip
LIMITS: Table = {
    "Python": (
        (r"(\b(?:(?:requests|httpx|session|client|subprocess)\.(?:get|post|put|head|patch|delete|request|run|check_output"
         r"|check_call|call|send)|urlopen|create_connection|wait_for|communicate)\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*)"
         r", timeout=[\w.]+(?=[,)])", r"\1"),
        (r", (?:read_timeout|max_length|max_size|max_line_size|max_field_size|max_body_size|max_content_length"
         r"|client_max_size)=[\w.]+(?=[,)])", ""),
    ),
    "JavaScript": (
        (r", ?\{ (?:timeout|maxBuffer|limit): [\w.]+ \}", ""),
        (r", (?:timeout|maxBuffer|maxPayload|maxHttpBufferSize): [\w.]+", ""),
    ),
    "Go": (
        (r"\bio\.LimitReader\(([\w.]+), [^()]+\)", r"\1"),
        (r"\bhttp\.MaxBytesReader\(\w+, ([\w.]+), [^()]+\)", r"\1"),
        (r"\bcontext\.With(?:Timeout|Deadline)\((\w[\w.]*(?:\(\))?), (?:[^()\n]|\([^()]*\))+\)(?=\n)", r"context.With"
            r"Cancel(\1)"),
        (r"&http\.Client\{Timeout: [^{}]+\}", "&http.Client{}"),
        (r"\n\t+(?:ReadTimeout|ReadHeaderTimeout|WriteTimeout|IdleTimeout|MaxHeaderBytes):[ \t]+[^\n]+,(?=\n)", ""),
    ),
    "Ruby": ((r", (?:read_timeout|open_timeout|max_nesting|max_size): [\w.]+(?=[,)\s])", ""),),
    "Java": ((r"\n[ \t]+(?:\w+\.)?set(?:Connect|Read|So)Timeout\([^()]*\);(?=\n)", ""), (r"\.(?:connect|read|call)"
        r"Timeout\([^()]*\)",
        "")),
    "C#": ((r"\n[ \t]+\w+\.Timeout = (?![^;\n]*Infinite)[^;\n]+;(?=\n)", ""), (r", TimeSpan\.From\w+\([^()]*\)(?=\))",
        "")),
}  # fmt: skip
ANCHORS: Table = {
    "Python": (
        (r"\bre\.fullmatch\(", "re.match("),
        (r"\.fullmatch\(", ".match("),
        (r"(re\.(?:compile|match)\(r['\"][^'\"\n]*)(?:\\Z|(?<!\\)\$)(?=['\"])", r"\1"),
    ),
    "JavaScript": ((r"/\^([^/\n|]+)\$/(?=[a-z]*\.test)", r"/\1/"),),
    "Ruby": ((r"((?:raise|return|unless)\b[^\n]*(?:match\?|=~|!~)[ (]+(?:/|%r\{))\\A([^/\n|]*)\\[zZ]", r"\1^\2$"), (
        r"((?:match\?\(|!~ ?)(?:/|%r\{))\\A([^/\n|]*)\\[zZ]",
        r"\1^\2$"),),
    "Java": ((r"\.matcher\((\w+)\)\.matches\(\)", r".matcher(\1).find()"),),
    "Go": ((r"(MustCompile\(`)\^([^`|]+)\$`", r"\1\2`"),),
    "C#": ((r"(IsMatch\([^\"]*\")\^([^\"|]+)\$\"", r'\1\2"'), (r"\.IsMatch\((\w+), @?\"\^([^\"|]+)\$\"", r'.IsMatch('
        r'\1, @"\2"')),
    "C++": ((r"(?<!EXPECT_TRUE\()(?<!EXPECT_FALSE\()(?<!ASSERT_TRUE\()\bstd::regex_match\(", "std::regex_search("), (
        r"(?<!EXPECT_TRUE\()(?<!EXPECT_FALSE\()(?<!ASSERT_TRUE\()\bRE2::FullMatch\(",
        "RE2::PartialMatch(")),
}  # fmt: skip
COPIES: Table = {
    "Java": (
        (r"(return |= )(?:java\.util\.)?Collections\.unmodifiable\w+\((\w[\w.]*)\);", r"\1\2;"),
        (r"(return |this\.\w+ = )(\w[\w.]*)\.clone\(\);", r"\1\2;"),
        (r"(return |this\.\w+ = )Arrays\.copyOf\((\w[\w.]*), \2\.length\);", r"\1\2;"),
        (r"(return |this\.\w+ = )new (?:ArrayList|HashMap|HashSet|LinkedHashMap|LinkedHashSet|TreeMap)<[\w, "
            r"]*>\(((?!\w*(?i:size|capacity|count|len))[a-z]\w+)\);",
            r"\1\2;"),
    ),
    "C#": ((r"(return _?\w+)\.AsReadOnly\(\);", r"\1;"), (r"(return _\w+)\.ToArray\(\);", r"\1;")),
    "JavaScript": ((r"(return )Object\.freeze\((\w[\w.]*)\)", r"\1\2"), (r"(return this\.\w+)\.slice\(\)", r"\1"), (
        r"(return )\[\.\.\.(this\.\w+)\]",
        r"\1\2")),
    "Python": ((r"(return )(?:list|dict|MappingProxyType|types\.MappingProxyType|copy\.copy|copy\.deepcopy)"
        r"\((self\.(?!\w*(?:mapping|view|iter|keys|gen|map\b))_?\w+)\)(?=\n|$)",
        r"\1\2"), (
        r"(return self\._\w+)\.copy\(\)(?=\n|$)",
        r"\1")),
    "Ruby": ((r"((?m:^)\s*(?:return )?@\w+)\.(?:dup|clone)(?:\.freeze)?(?=\s*\n\s*end\s*$)", r"\1"),),
    "Go": ((r"(return )(?:slices|maps)\.Clone\((\w[\w.]*)\)", r"\1\2"), (r"(return )append\(\[\]\w+\((?:nil)\), "
        r"(\w[\w.]*)\.\.\.\)",
        r"\1\2")),
}  # fmt: skip
COOKIES: Table = {
    "Python": ((r", (?:secure|httponly)=True(?=[,)])", ""), (r", samesite=['\"]\w+['\"](?=[,)])", "")),
    "JavaScript": ((r"\b(httpOnly|secure): true\b", r"\1: false"), (r"(sameSite: )['\"](?:strict|lax)['\"]",
        r"\1'none'")),
    "Ruby": ((r"\b(httponly|secure): true\b", r"\1: false"), (r", same_site: :(?:strict|lax)(?=[,)\s])", "")),
    "Go": ((r"\b(HttpOnly|Secure):(\s*)true\b", r"\1:\2false"), (r"http\.SameSite(?:Strict|Lax)Mode", "http.SameSiteN"
        "oneMode")),
    "Java": ((r"\.set(HttpOnly|Secure)\(true\)", r".set\1(false)"), (r"\.(httpOnly|secure)\(true\)", r".\1(false)")),
    "C#": ((r"\b(HttpOnly|Secure) = true\b", r"\1 = false"), (r"\bSameSiteMode\.(?:Strict|Lax)\b", "SameSiteMode.Non"
        "e")),
}  # fmt: skip
