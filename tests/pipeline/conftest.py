"""A small corpus of four languages and three kinds of source, one finished run of it, and the command line."""

import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline import cli
from schemas.provenance import sha256

Themis = Callable[..., tuple[int, str, str]]

PYTHON = [
    '''def count_{a}_by_{b}({a}s, minimum):
    """Count how many {a} entries belong to every {b}, leaving out each {c} below the minimum."""
    totals = {{}}
    for {a} in {a}s:
        {b} = {a}["{b}"]
        if {a}["{c}"] < minimum:
            continue
        totals[{b}] = totals.get({b}, 0) + 1
    return totals
''',
    '''def find_{c}_in_{a}({a}, wanted):
    """Find the first {c} of the {a} whose {b} equals the wanted one, or None without any {d}."""
    for position, {c} in enumerate({a}.{c}s):
        if {c}.{b} == wanted and {c}.{d} is not None:
            return position
    return None
''',
    '''def merge_{b}_{d}(left_{b}, right_{b}):
    """Merge two sorted {b} lists into one {d} list, where the left {b} goes first among equals."""
    {d}_merged = []
    left, right = 0, 0
    while left < len(left_{b}) and right < len(right_{b}):
        if left_{b}[left] <= right_{b}[right]:
            {d}_merged.append(left_{b}[left])
            left += 1
        else:
            {d}_merged.append(right_{b}[right])
            right += 1
    {d}_merged.extend(left_{b}[left:])
    {d}_merged.extend(right_{b}[right:])
    return {d}_merged
''',
    '''def load_{d}_table(path, {c}_limit=100):
    """Load the {d} table from a text file and keep at most so many {c} lines of every {a} in it."""
    {d}_rows = []
    with open(path, encoding="utf-8") as {a}_file:
        for line in {a}_file:
            {c}, _, {b} = line.strip().partition(",")
            if not {c} or len({d}_rows) >= {c}_limit:
                break
            {d}_rows.append(({c}, int({b})))
    return {d}_rows
''',
    '''def average_{a}_{c}({a}_values):
    """Compute the average {c} of all the {a} values that carry a {d}, and zero when no {b} is there."""
    {c}_sum = 0.0
    {c}_seen = 0
    for {a}_value in {a}_values:
        if {a}_value.{d}:
            {c}_sum += {a}_value.{c}
            {c}_seen += 1
    if {c}_seen == 0:
        return 0.0
    return {c}_sum / {c}_seen
''',
    '''def render_{c}_{b}({c}s, separator, {b}_width=8):
    """Render every {c} as one padded column of {b} text, joined by the separator, for a {d} to read."""
    {c}_parts = []
    for {c} in sorted({c}s, key=lambda one: one.{a}):
        {b}_text = str({c}.{b})
        if len({b}_text) > {b}_width:
            {b}_text = {b}_text[:{b}_width]
        {c}_parts.append({b}_text.ljust({b}_width))
    return separator.join({c}_parts)
''',
    '''def allowed_{d}_{a}({d}, {a}_rules):
    """Tell whether a {d} may pass the {a} rules, of which a later {b} overrides an earlier {c} one."""
    verdict = False
    for {a}_rule in {a}_rules:
        if {a}_rule.{b} in {d}.{b}s and {a}_rule.{c} <= {d}.{c}:
            verdict = {a}_rule.permits
    return verdict and not {d}.expired
''',
]

JAVASCRIPT = [
    """/**
 * Groups the given {a} objects by their {b} and leaves out any {c} that has no {d} at all.
 */
function group{A}By{B}({a}List, {c}Limit) {{
  const {b}Groups = new Map();
  for (const {a} of {a}List) {{
    if ({a}.{d} === null || {a}.{c} > {c}Limit) {{
      continue;
    }}
    const members = {b}Groups.get({a}.{b}) || [];
    members.push({a});
    {b}Groups.set({a}.{b}, members);
  }}
  return {b}Groups;
}}
""",
    """/**
 * Returns the largest {c} among the {d} items, or the fallback where the {a} list holds no {b}.
 */
function largest{C}Of{D}({d}Items, {a}Fallback) {{
  let best{C} = {a}Fallback;
  for (let i = 0; i < {d}Items.length; i++) {{
    if ({d}Items[i].{b} && {d}Items[i].{c} > best{C}) {{
      best{C} = {d}Items[i].{c};
    }}
  }}
  return best{C};
}}
""",
    """/**
 * Parses one line of {b} text into a {d} record with its {a} name and its {c} number.
 */
function parse{B}Line({b}Line) {{
  const {d}Parts = {b}Line.split(';');
  if ({d}Parts.length < 2) {{
    throw new Error('{b} line is too short');
  }}
  const {c}Number = parseInt({d}Parts[1], 10);
  return {{ {a}: {d}Parts[0].trim(), {c}: {c}Number }};
}}
""",
    """/**
 * Checks that every {d} of the {c} has an {a} owner and that the {b} total stays under its limit.
 */
function check{D}Owners({c}, {b}Limit) {{
  let {b}Total = 0;
  for (const {d} of {c}.{d}s) {{
    if (!{d}.{a}) {{
      return false;
    }}
    {b}Total += {d}.{b};
  }}
  return {b}Total <= {b}Limit;
}}
""",
]

GO = [
    """// Total{A}{B} adds up the {b} of every {a} in the list and skips each {c} that is marked as {d} already.
func Total{A}{B}({a}s []{A}, {c}Limit int) int {{
	{b}Total := 0
	for _, {a} := range {a}s {{
		if {a}.{D} || {a}.{C} > {c}Limit {{
			continue
		}}
		{b}Total += {a}.{B}
	}}
	return {b}Total
}}
""",
    """// Find{C}Index gives the place of the first {c} with the given {d}, or minus one when no {a} is in its {b}.
func Find{C}Index({c}s []string, {d} string) int {{
	for i, {c} := range {c}s {{
		if {c} == {d} && len({c}) > 0 {{
			return i
		}}
	}}
	return -1
}}
""",
    """// Split{B}Text cuts the {b} text into {d} words and drops the empty {a} ones at either {c} end.
func Split{B}Text({b}Text string) []string {{
	{d}Words := []string{{}}
	for _, {a} := range strings.Split({b}Text, " ") {{
		if {a} == "" {{
			continue
		}}
		{d}Words = append({d}Words, strings.ToLower({a}))
	}}
	return {d}Words
}}
""",
]

C = [
    """/* Count how many {a} values of the array are above the {b} limit, but stop at the first {c} below zero. */
int count_{a}_above(const int *{a}_values, int {a}_count, int {b}_limit)
{{
    int {c}_found = 0;
    for (int i = 0; i < {a}_count; i++) {{
        if ({a}_values[i] < 0)
            break;
        if ({a}_values[i] > {b}_limit)
            {c}_found++;
    }}
    return {c}_found;
}}
""",
    """/* Copy the {d} text into a new buffer with room for its {b} ending; the {c} caller frees the {a} result. */
char *copy_{d}_text(const char *{d}_text, size_t {d}_length)
{{
    char *{b}_copy = malloc({d}_length + 1);
    if ({b}_copy == NULL)
        return NULL;
    memcpy({b}_copy, {d}_text, {d}_length);
    {b}_copy[{d}_length] = '\\0';
    return {b}_copy;
}}
""",
    """/* Find the smallest {c} in the {d} table, where a row without any {a} counts as the {b} maximum. */
int smallest_{c}(const struct {d} *{d}_rows, int {d}_count, int {b}_maximum)
{{
    int smallest = {b}_maximum;
    for (int row = 0; row < {d}_count; row++) {{
        if ({d}_rows[row].{a} == 0)
            continue;
        if ({d}_rows[row].{c} < smallest)
            smallest = {d}_rows[row].{c};
    }}
    return smallest;
}}
""",
]

WORDS = {
    "orchard": "apple branch harvest ladder basket farmer season market",
    "harbour": "vessel anchor cargo pilot berth captain voyage lantern",
    "library": "volume reader shelf author chapter lending archive margin",
    "kitchen": "recipe spice oven plate flavour cook dinner kettle",
    "railway": "engine station ticket signal platform driver carriage tunnel",
    "theatre": "actor stage curtain scene script chorus audience costume",
    "weather": "storm cloud pressure wind forecast region barometer season",
    "museum": "statue gallery visitor painting century curator exhibit pedestal",
}


def module(templates: list[str], words: str, head: str = "") -> str:
    """Documented functions: each template twice, with other words of the vocabulary."""
    names = words.split()
    texts = []
    for index, template in enumerate(templates):
        for shift in (0, 4):
            a, b, c, d = (names[(index + shift + step) % len(names)] for step in (0, 1, 2, 3))
            named = {"a": a, "b": b, "c": c, "d": d}
            texts.append(template.format(**named, **{key.upper(): word.title() for key, word in named.items()}))
    return head + "\n\n".join(texts)


def varied(templates: list[str], line: str, statement: str) -> list[str]:
    """The templates with a statement of a repository's own after a line: with other names alone they are clones."""
    return [text.replace(line, f"{line}{statement}", 1) for text in templates]


MESSAGES = (
    "Fix wrong comparison in the first search",
    "Fix crash on an empty list of entries",
    "Simplify the loop and rename what is unclear",
    "Fix off by one in the merge",
    "Make the average faster for long lists",
    "Update things that nobody asked for",
)


def commit_history(folder: Path) -> None:
    """A repository of one file and six commits that each edit one of its functions."""
    folder.mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def git(time: int, *arguments: str) -> None:
        for who in ("AUTHOR", "COMMITTER"):
            env.update(
                {f"GIT_{who}_NAME": "A", f"GIT_{who}_EMAIL": "a@example.org", f"GIT_{who}_DATE": f"{time} +0000"}
            )
        subprocess.run(["git", *arguments], cwd=folder, env=env, check=True, capture_output=True)

    templates = varied(PYTHON, '"""\n', "    began = 0, 1\n")
    functions = [module([template], WORDS["weather"]).split("\n\n")[0] for template in templates]
    git(0, "init", "--quiet", "--initial-branch=main")
    for number, message in enumerate(("Begin with all of the functions", *MESSAGES)):
        if number:
            lines = functions[number].rstrip("\n").split("\n")
            guard = f"    if {lines[0].partition('(')[2].partition(')')[0].split(',')[0]} is None:\n        return None"
            functions[number] = "\n".join([*lines[:2], guard, *lines[2:]]) + "\n"
        (folder / "forecast.py").write_text("\n\n".join(functions))
        git(1_500_000_000 + number * 60, "add", "--all")
        git(1_500_000_000 + number * 60, "commit", "--quiet", "--message", message)


def archive(entries: dict[str, bytes]) -> bytes:
    """A .tar.gz, the same bytes each time."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)


def put_in_cache(cache: Path, data: bytes) -> str:
    """The sha256 of an archive that the cache now holds."""
    digest = sha256(data)
    path = cache / digest[:2] / digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return digest


FOLDERS = {
    "orchard": ("orchard.py", PYTHON, ""),
    "harbour": ("harbour.py", varied(PYTHON, '"""\n', "    started = True\n"), ""),
    "library": ("library.js", JAVASCRIPT, ""),
    "kitchen": ("kitchen.js", varied(JAVASCRIPT, "{{\n", "  'use strict';\n"), ""),
    "railway": ("railway.go", GO, "package railway\n\n"),
    "theatre": ("theatre.c", C, "#include <stdlib.h>\n#include <string.h>\n\n"),
}


def build_corpus(root: Path) -> dict[str, Any]:
    """Write the sources below `root`; returns a configuration of them."""
    sources: list[dict[str, Any]] = []
    for name, (file, templates, head) in FOLDERS.items():
        folder = root / "code" / name
        folder.mkdir(parents=True)
        (folder / file).write_text(module(templates, WORDS[name], head))
        sources.append({"kind": "files", "name": name, "paths": [str(folder)], "license": "MIT"})
    commit_history(root / "forecast")
    sources.append({"kind": "git", "name": "forecast", "repositories": [str(root / "forecast")], "license": "MIT"})
    sdist = archive(
        {
            "museum-1.0/PKG-INFO": b"Metadata-Version: 2.1\nName: museum\nVersion: 1.0\nLicense: MIT License\n",
            "museum-1.0/museum.py": module(varied(PYTHON[:3], '"""\n', "    opened = [1]\n"), WORDS["museum"]).encode(),
        }
    )
    package = {"name": "museum", "version": "1.0", "sha256": put_in_cache(root / "cache", sdist)}
    sources.append({"kind": "packages", "name": "pypi", "registry": "pypi", "packages": [package]})
    return {
        "name": "small",
        "sources": sources,
        "curate": {"split": {"min_repositories": 1}},
        "assemble": {"shards": 2},
        "train": None,
        "execution": {"cache": str(root / "cache"), "table_shards": 2, "min_free_gib": 0.0},
    }


def write_yaml(path: Path, table: dict[str, Any]) -> Path:
    """A configuration as a file."""
    path.write_text(yaml.safe_dump(table))
    return path


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sources, a cache, and `themis.yaml`. Tests that change a source make their own."""
    root = tmp_path_factory.mktemp("corpus")
    write_yaml(root / "themis.yaml", build_corpus(root))
    return root


@pytest.fixture
def own_corpus(tmp_path: Path) -> Path:
    """The same, for a test that changes it."""
    root = tmp_path / "corpus"
    root.mkdir()
    write_yaml(root / "themis.yaml", build_corpus(root))
    return root


def call(*arguments: str | Path) -> tuple[int, str, str]:
    """What the command line answers, in this process: exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["themis", *map(str, arguments)])
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        code = cli.cli()
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="session")
def themis() -> Themis:
    """The command line, in this process."""
    return call


@pytest.fixture(scope="session")
def _finished(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("finished") / "run"
    code, out, err = call("run", corpus / "themis.yaml", "--out", root)
    assert code == 0, out + err
    return root


@pytest.fixture(scope="session")
def finished(_finished: Path) -> Path:
    """A finished run of the corpus; tests only read it."""
    return _finished


@pytest.fixture
def own_run(_finished: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the finished run, for a test that tampers with it."""
    yield shutil.copytree(_finished, tmp_path / "run")
