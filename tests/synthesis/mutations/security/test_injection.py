"""Operators that let text from outside through, on one line of each language: the exact form, and what stays."""

from collections.abc import Callable

import pytest

Lines = Callable[[str, str, str], list[str]]

MADE = [
    (
        "query_interpolated",
        "Python",
        'db.execute("SELECT a FROM t WHERE id = ?", (name,))',
        "db.execute(\"SELECT a FROM t WHERE id = '%s'\" % name)",
    ),
    (
        "query_interpolated",
        "Python",
        'db.execute("INSERT INTO t VALUES (%s, %s)", [name, size])',
        "db.execute(\"INSERT INTO t VALUES ('%s', '%s')\" % (name, size))",
    ),
    (
        "query_interpolated",
        "JavaScript",
        "db.query('SELECT a FROM t WHERE id = ?', [name]);",
        "db.query(`SELECT a FROM t WHERE id = '${name}'`);",
    ),
    ("query_interpolated", "Ruby", 'rows = User.where("name = ?", name)', "rows = User.where(\"name = '#{name}'\")"),
    (
        "query_interpolated",
        "Go",
        'rows, err := db.Query("SELECT a FROM t WHERE id = $1", name)',
        "rows, err := db.Query(fmt.Sprintf(\"SELECT a FROM t WHERE id = '%v'\", name))",
    ),
    (
        "query_interpolated",
        "C#",
        'var n = db.Execute("DELETE FROM t WHERE id = @name", new { name });',
        "var n = db.Execute($\"DELETE FROM t WHERE id = '{name}'\");",
    ),
    (
        "command_through_shell",
        "Python",
        "subprocess.run(data, check=True)",
        'subprocess.run(" ".join(data), shell=True, check=True)',
    ),
    (
        "command_through_shell",
        "Python",
        'subprocess.run(["git", "log", name])',
        'subprocess.run(f"git log {name}", shell=True)',
    ),
    (
        "command_through_shell",
        "Python",
        'subprocess.run(["git", *data])',
        'subprocess.run(" ".join(["git", *data]), shell=True)',
    ),
    ("command_through_shell", "JavaScript", "execFile('git', ['log', name], done);", "exec(`git log ${name}`, done);"),
    ("command_through_shell", "JavaScript", "execFileSync('git', data);", "execSync(`git ${data.join(' ')}`);"),
    ("command_through_shell", "JavaScript", "spawn(name, data);", "spawn(name, data, { shell: true });"),
    (
        "command_through_shell",
        "JavaScript",
        "spawn(name, data, { cwd: path });",
        "spawn(name, data, { shell: true, cwd: path });",
    ),
    ("command_through_shell", "Ruby", 'system("git", "log", name)', 'system("git log #{name}")'),
    ("command_through_shell", "Ruby", "system(*data)", 'system(data.join(" "))'),
    (
        "command_through_shell",
        "Ruby",
        'out, status = Open3.capture2("git", "show", name)',
        'out, status = Open3.capture2("git show #{name}")',
    ),
    (
        "command_through_shell",
        "Go",
        'out := exec.Command("git", "log", name)',
        'out := exec.Command("sh", "-c", "git log " + name)',
    ),
    (
        "command_through_shell",
        "Go",
        "out := exec.Command(name, args...)",
        'out := exec.Command("sh", "-c", name + " " + strings.Join(args, " "))',
    ),
    (
        "command_through_shell",
        "Java",
        'new ProcessBuilder("git", "log", name).start();',
        'new ProcessBuilder("sh", "-c", "git log " + name).start();',
    ),
    (
        "command_through_shell",
        "Java",
        "new ProcessBuilder(command).start();",
        'new ProcessBuilder("sh", "-c", String.join(" ", command)).start();',
    ),
    ("command_through_shell", "C#", 'Process.Start("git", name);', 'Process.Start("cmd.exe", "/c git " + name);'),
    ("output_escaping_removed", "Python", 'page = "<b>" + html.escape(name)', 'page = "<b>" + name'),
    ("output_escaping_removed", "Python", "name = html.escape(name)", ""),
    ("output_escaping_removed", "JavaScript", "el.textContent = name;", "el.innerHTML = name;"),
    ("output_escaping_removed", "JavaScript", "const q = 'q=' + encodeURIComponent(name);", "const q = 'q=' + name;"),
    (
        "output_escaping_removed",
        "JavaScript",
        "const page = name.replace(/</g, '&lt;').trim();",
        "const page = name.trim();",
    ),
    ("output_escaping_removed", "Ruby", "page = CGI.escapeHTML(name)", "page = name"),
    ("output_escaping_removed", "Ruby", "line = name.shellescape + path", "line = name + path"),
    ("output_escaping_removed", "Go", "page := html.EscapeString(name)", "page := name"),
    ("output_escaping_removed", "Java", 'String q = URLEncoder.encode(name, "UTF-8");', "String q = name;"),
    ("output_escaping_removed", "C#", "var page = HttpUtility.HtmlEncode(name);", "var page = name;"),
    ("output_escaping_removed", "C++", "std::string page = escape_html(name);", "std::string page = name;"),
    (
        "path_normalisation_removed",
        "Python",
        "full = os.path.join(root, os.path.basename(name))",
        "full = os.path.join(root, name)",
    ),
    ("path_normalisation_removed", "Python", "full = safe_join(root, name)", "full = os.path.join(root, name)"),
    (
        "path_normalisation_removed",
        "JavaScript",
        "const full = path.normalize(name); if (!full.startsWith(root)) return;",
        "const full = name; if (!full.startsWith(root)) return;",
    ),
    (
        "path_normalisation_removed",
        "Ruby",
        "full = File.join(root, File.basename(name))",
        "full = File.join(root, name)",
    ),
    (
        "path_normalisation_removed",
        "Go",
        "full := filepath.Join(root, filepath.Base(name))",
        "full := filepath.Join(root, name)",
    ),
    (
        "path_normalisation_removed",
        "C#",
        "var full = Path.Combine(root, Path.GetFileName(name));",
        "var full = Path.Combine(root, name);",
    ),
    ("line_breaks_kept", "Python", 'headers["Location"] = name.replace("\\n", "")', 'headers["Location"] = name'),
    ("format_from_data", "C", 'printf("%s", name);', "printf(name);"),
    ("format_from_data", "C++", 'fprintf(stderr, "%s", path);', "fprintf(stderr, path);"),
    ("input_evaluated", "JavaScript", "const all = JSON.parse(data);", "const all = eval('(' + data + ')');"),
    ("input_evaluated", "Python", "all = ast.literal_eval(data)", "all = eval(data)"),
    ("input_evaluated", "Ruby", "n = Integer(size)", "n = eval(size)"),
    ("loader_made_unsafe", "Python", "all = yaml.safe_load(data)", "all = yaml.unsafe_load(data)"),
    ("loader_made_unsafe", "Ruby", "all = YAML.safe_load(data, aliases: true)", "all = YAML.unsafe_load(data)"),
    (
        "loader_made_unsafe",
        "Java",
        "Yaml yaml = new Yaml(new SafeConstructor());",
        "Yaml yaml = new Yaml(new Constructor());",
    ),
    (
        "loader_made_unsafe",
        "C#",
        "s.TypeNameHandling = TypeNameHandling.None;",
        "s.TypeNameHandling = TypeNameHandling.All;",
    ),
    (
        "entities_resolved",
        "Python",
        "p = etree.XMLParser(resolve_entities=False)",
        "p = etree.XMLParser(resolve_entities=True)",
    ),
    ("entities_resolved", "C#", "s.DtdProcessing = DtdProcessing.Prohibit;", "s.DtdProcessing = DtdProcessing.Parse;"),
]

LEFT_ALONE = [
    ("query_interpolated", "Python", 'db.execute("SELECT a FROM t WHERE id = ?", (name, size))'),
    ("query_interpolated", "Go", 'rows, err := db.Query("SELECT a FROM t")'),
    ("query_interpolated", "C#", 'var n = db.Execute("DELETE FROM t WHERE id = @id", new { name });'),
    ("command_through_shell", "Python", 'subprocess.run(["ls", "-l"])'),
    ("command_through_shell", "Go", 'out := exec.Command("sh", "-c", name)'),
    ("command_through_shell", "JavaScript", "execFile('ls', ['-l']);"),
    ("command_through_shell", "Ruby", 'system("ls", "-l")'),
    ("output_escaping_removed", "JavaScript", "const q = unescapeHtml(name) + name.trim();"),
    ("output_escaping_removed", "JavaScript", "escapeHtml(name);"),
    ("output_escaping_removed", "Python", "q = urllib.parse.urlencode(data)"),
    ("path_normalisation_removed", "Python", "shown = os.path.basename(name)"),
    ("path_normalisation_removed", "Python", "full = os.path.join(root, os.path.realpath(name))"),
    ("loader_made_unsafe", "Go", "dec.DisallowUnknownFields()"),
    ("path_normalisation_removed", "Python", "here = os.path.dirname(os.path.abspath(__file__))"),
    ("line_breaks_kept", "Python", 'text = name.replace("\\n", "")'),
    ("format_from_data", "C", 'printf("%d", size);'),
    ("input_evaluated", "Python", "# ast.literal_eval(data)"),
    ("loader_made_unsafe", "Python", "all = json.dumps(data)"),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), MADE)
def test_text_from_outside_gets_through(name: str, language: str, before: str, after: str, lines: Lines) -> None:
    found = lines(name, language, before)
    assert [line.strip() for line in found] == [after] or after in found


@pytest.mark.parametrize(("name", "language", "line"), LEFT_ALONE)
def test_other_lines_are_left_alone(name: str, language: str, line: str, lines: Lines) -> None:
    assert lines(name, language, line) == []


def test_a_prepared_statement_is_put_together_from_its_values(made: Lines) -> None:
    code = (
        "ResultSet find(Connection db, String name) throws SQLException {\n"
        '    PreparedStatement query = db.prepareStatement("SELECT a FROM t WHERE name = ?");\n'
        "    query.setString(1, name);\n"
        "    return query.executeQuery();\n"
        "}\n"
    )
    expected = code.replace('name = ?"', 'name = \'" + name + "\'"').replace("    query.setString(1, name);\n", "")
    assert made("query_interpolated", "Java", code) == [expected]


def test_a_command_with_named_parameters_is_put_together_from_its_values(made: Lines) -> None:
    code = (
        "int Remove(DbCommand command, string name) {\n"
        '    command.CommandText = "DELETE FROM t WHERE name = @name";\n'
        '    command.Parameters.AddWithValue("@name", name);\n'
        "    return command.ExecuteNonQuery();\n"
        "}\n"
    )
    expected = code.replace('"DELETE FROM t WHERE name = @name"', "$\"DELETE FROM t WHERE name = '{name}'\"")
    expected = expected.replace('    command.Parameters.AddWithValue("@name", name);\n', "")
    assert made("query_interpolated", "C#", code) == [expected]


def test_a_test_is_left_alone(made: Lines) -> None:
    assert (
        made(
            "input_evaluated", "JavaScript", "function testParse(data) {\n  use(data);\n  return JSON.parse(data);\n}\n"
        )
        == []
    )
