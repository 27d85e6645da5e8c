"""How each language writes a log line or a warning, and what the text of a raised error looks like; data."""

LOGS: dict[str, tuple[str, ...]] = {
    "Python": (
        'logging.debug("{0}: %r", {0})', 'print("{0}", {0})', 'logger.info("{1} %s", {0})', 'print(f"{1}({{{0}}})")',
    ),
    "JavaScript": (
        "console.log('{0}', {0});", "console.debug(`{1} ${{{0}}}`);", "console.info('{1}:', {0});", "console.log({0});",
    ),
    "Ruby": ('puts "{0}: #{{{0}}}"', 'warn "{1} #{{{0}.inspect}}"', 'logger.debug("{0}=#{{{0}}}")', "p {0}"),
    "C++": ('std::cerr << "{0}: " << {0} << std::endl;', 'std::clog << "{1} " << {0} << "\\n";'),
    "C": ('fprintf(stderr, "{0}: %s\\n", {0});', 'printf("{1}: {0}=%s\\n", {0});', 'syslog(LOG_DEBUG, "{1} %s", {0});'),
    "Go": (
        'log.Printf("{0}: %v", {0})', 'fmt.Println("{1}", {0})', 'log.Println("{0}", {0})', 'fmt.Printf("{1} %+v\\n'
            '", {0})',
    ),
    "Java": (
        'System.out.println("{0}: " + {0});', 'logger.info("{1} {0}=" + {0});', 'log.debug("{0}: " + {0});',
        'System.err.println("{1}: " + {0});',
    ),
    "C#": (
        'Console.WriteLine($"{0}: {{{0}}}");', 'Debug.WriteLine("{1}: " + {0});', 'Trace.TraceInformation("{0}=" + '
            '{0});',
        '_logger.LogDebug("{1}: {{Value}}", {0});',
    ),
}  # fmt: skip
WARNINGS: dict[str, tuple[str, ...]] = {
    "Python": ("warnings.warn({0})", "logging.warning({0})", "print({0})"),
    "JavaScript": ("console.warn({0});", "console.error({0});", "console.log({0});"),
    "Java": ("System.err.println({0});", "logger.warn({0});", "log.error({0});"),
    "C#": ("Console.Error.WriteLine({0});", "Debug.WriteLine({0});", "Trace.TraceWarning({0});"),
    "C++": ("std::cerr << {0} << std::endl;", "std::clog << {0} << '\\n';"),
    "Ruby": ("warn {0}", "puts {0}", "logger.warn {0}"),
    "Go": ("log.Print({0})", "log.Println({0})", "fmt.Println({0})"),
}
MESSAGE: dict[str, str] = {
    "Python": r"raise [\w.]+\((f?[\"'][^,()]+)\)",
    "JavaScript": r"throw new [\w.]+\(\s*([\"'`][^,()]+|[A-Z_]{4,})\s*\);?",
    "Java": r"throw new [\w.]+\((\"[^,()]+)\);",
    "C#": r"throw new [\w.]+\(((?:\$?\")[^,()]+)\);",
    "C++": r"throw [\w:]+\((\"[^,()]+)\);",
    "Ruby": r"(?:raise|fail) (?:[\w:]+(?:, |\.new\())?([\"'][^\n]*?[\"'])\)?",
    "Go": r"return (?:[\w.\"{}]+, )*errors\.New\(([^,()]+)\)",
}
