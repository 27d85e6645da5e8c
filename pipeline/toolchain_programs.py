"""Small programs that ask a compiler's own library about many files in one process.

Each reads a list, one `COPY<tab>ORIGINAL` a line, and prints `COPY<tab>complaint`; nothing that it reads is ever run.
"""

PYTHON = r"""
import sys, warnings
warnings.simplefilter("ignore")
for line in open(sys.argv[1], encoding="utf-8").read().split("\n"):
    if not line:
        continue
    copy = line.split("\t")[0]
    try:
        with open(copy, "rb") as file:
            compile(file.read(), copy, "exec", dont_inherit=True)
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {getattr(error, 'msg', error)}".split())
        print(copy, said, sep="\t", flush=True)
"""
"""Compiles, and throws the result away."""

JAVA = r"""
import com.sun.source.util.JavacTask;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

class Complaints {
    public static void main(String[] given) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> options = List.of("-proc:none", "-implicit:none", "-Xmaxerrs", "10000", "-classpath", given[1],
            "-sourcepath", given[1], "-XDshould-stop.ifError=FLOW", "-nowarn");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            for (String line : Files.readAllLines(Path.of(given[0]))) {
                String copy = line.split("\t")[0];
                String text = Files.readString(Path.of(copy));
                String name = Path.of(line.split("\t")[1]).getFileName().toString();
                DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
                URI uri = URI.create("string:///" + name.replaceAll("[^\\w.]", "_"));
                JavaFileObject file = new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignored) {
                        return text;
                    }
                };
                try {
                    JavacTask task = (JavacTask) compiler.getTask(null, files, said, options, null, List.of(file));
                    task.analyze();
                } catch (Throwable broken) {
                    System.out.println(copy + "\t" + (broken + "").replaceAll("\\s+", " "));
                }
                for (Diagnostic<?> one : said.getDiagnostics()) {
                    if (one.getKind() == Diagnostic.Kind.ERROR) {
                        String syntax = one.getCode().startsWith("compiler.err.expected")
                            || one.getCode().startsWith("compiler.err.illegal.start")
                            || one.getCode().startsWith("compiler.err.premature") ? "syntax: " : "";
                        System.out.println(copy + "\t" + syntax + one.getMessage(null).replaceAll("\\s+", " "));
                    }
                }
            }
        }
    }
}
"""
"""Parses, attributes and follows the flow; a class that is not at hand is one complaint of many."""

GO = r"""
package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
)

type standard struct {
	from types.Importer
}

func (s standard) Import(path string) (*types.Package, error) {
	if info, err := os.Stat(filepath.Join(build.Default.GOROOT, "src", path)); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is not at hand", path)
	}
	return s.from.Import(path)
}

func main() {
	list, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	build.Default.CgoEnabled = false
	files := token.NewFileSet()
	imports := standard{importer.ForCompiler(files, "source", nil)}
	for _, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		copied, original, _ := strings.Cut(line, "\t")
		complain(files, imports, copied, original)
	}
}

func complain(files *token.FileSet, imports types.Importer, copied, original string) {
	say := func(text string) { fmt.Println(copied + "\t" + strings.Join(strings.Fields(text), " ")) }
	defer func() {
		if broken := recover(); broken != nil {
			say(fmt.Sprint("the checker stopped: ", broken))
		}
	}()
	file, err := parser.ParseFile(files, copied, nil, parser.SkipObjectResolution)
	if err != nil {
		at := strings.SplitN(err.Error(), ": ", 2)
		say("syntax: " + at[len(at)-1])
		return
	}
	whole := append([]*ast.File{file}, beside(files, file, original)...)
	config := types.Config{Importer: imports, FakeImportC: true, Error: func(err error) {
		if one, ok := err.(types.Error); ok && files.Position(one.Pos).Filename == copied {
			say(one.Msg)
		}
	}}
	config.Check(file.Name.Name, files, whole, nil)
}

func beside(files *token.FileSet, file *ast.File, original string) []*ast.File {
	var found []*ast.File
	folder := filepath.Dir(original)
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		name := entry.Name()
		test := strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(original, "_test.go")
		if name == filepath.Base(original) || test || !entry.Type().IsRegular() || !strings.HasSuffix(name, ".go") {
			continue
		}
		if fits, err := build.Default.MatchFile(folder, name); err != nil || !fits {
			continue
		}
		other, err := parser.ParseFile(files, filepath.Join(folder, name), nil, parser.SkipObjectResolution)
		if err != nil || other.Name.Name != file.Name.Name {
			continue
		}
		for _, declared := range other.Decls {
			if function, ok := declared.(*ast.FuncDecl); ok {
				function.Body = nil
			}
		}
		found = append(found, other)
	}
	return found
}
"""
"""Parses and checks types within the file's package; a package that is not of the standard library is a complaint."""
