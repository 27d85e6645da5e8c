"""The commands around models: `themis serve-model` and `themis ledger stats|export|gc`."""

import json
import re
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from schemas.errors import ConfigError

if TYPE_CHECKING:
    from synthesis.ledger import Ledger
    from synthesis.serving import Serving

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)

ledger_app = typer.Typer(no_args_is_help=True, help="The store of every model call.")

LedgerPath = Annotated[Path, typer.Argument(metavar="LEDGER", help="A ledger's file, or a run's folder.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Cache = Annotated[Path, typer.Option(help="Folder of caches.")]


def serve_model(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="NAME", help="smollm2-135m, a checkpoint's folder, or a hub id.")],
    name: Annotated[str | None, typer.Option(help="What calls name it; by default the last part of NAME.")] = None,
    port: Annotated[int, typer.Option(help="On this machine; 0 takes a free one.", min=0, max=65535)] = 8000,
    python: Annotated[str | None, typer.Option(help="An interpreter that has vLLM.")] = None,
    max_model_len: Annotated[int | None, typer.Option(help="The window, in tokens.", min=16)] = None,
    ready_s: Annotated[float, typer.Option(help="How long it may take until it answers.", min=1)] = 600.0,
    detach: Annotated[bool, typer.Option("--detach", help="Return when it answers, and leave it running.")] = False,
    cache: Cache = Path("~/.cache/themis"),
) -> None:
    """Start a vLLM server for the pipeline, which runs until Ctrl-C; what follows -- are vLLM's own options."""
    from synthesis.packaged_model import NAME, packaged_model
    from synthesis.serving import ServeOptions, detached, interpreter, serving

    served = name or (NAME if model == NAME else Path(model).name)
    folder = cache.expanduser()
    options = ServeOptions(
        model=model, name=served, port=port, python=python, ready_s=ready_s, max_model_len=max_model_len,
        arguments=tuple(context.args),
    )  # fmt: skip
    if model == NAME and not Path(model).exists():
        ERR.print(f"{NAME}: making it from its package, once", markup=False)
        made = packaged_model(folder, interpreter(python).path)
        options = options.model_copy(update={"model": str(made)})
    log = folder / "serving" / (re.sub(r"[^A-Za-z0-9._-]", "-", served) + ".log")
    ERR.print(f"{served}: starting; log in {log}", markup=False)
    if detach:
        found = detached(options, log)
        _announce(found)
        OUT.print(f"stop it with: kill -- -{found.pid}", markup=False)
        return
    with serving(options, log) as found:
        _announce(found)
        ERR.print("Ctrl-C stops it", markup=False)
        _until_interrupted(found)
    ERR.print(f"{served}: stopped", markup=False)


def _announce(found: "Serving") -> None:
    lines = (f"{found.name} answers at {found.url}. In a configuration:", "  models:")
    OUT.print("\n".join((*lines, f"    - name: {found.name}", f"      url: {found.url}")), markup=False)


def _until_interrupted(found: "Serving") -> None:
    from synthesis.serving import wait

    with suppress(KeyboardInterrupt):
        wait(found)


@ledger_app.command("stats")
def ledger_stats(ledger: LedgerPath, as_json: JsonFlag = False) -> None:
    """Calls, tokens and seconds, by task and model."""
    with _opened(ledger) as opened:
        rows = [asdict(usage) for usage in opened.stats()]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    OUT.print(f"{'task':<12} {'model':<32} {'calls':>10} {'prompt tokens':>14} {'answer tokens':>14} {'seconds':>10}")
    for row in rows:
        told = f"{row['task']:<12} {row['model']:<32} {row['calls']:>10,} {row['prompt_tokens']:>14,} "
        OUT.print(f"{told}{row['completion_tokens']:>14,} {row['seconds']:>10,.0f}", markup=False)


@ledger_app.command("export")
def ledger_export(
    ledger: LedgerPath, out: Annotated[Path, typer.Option(help="The Parquet file to write.")], as_json: JsonFlag = False
) -> None:
    """Write every call to one Parquet file, ordered by key."""
    with _opened(ledger) as opened:
        rows = write_rows(opened, out)
    _print({"ledger": str(ledger), "out": str(out), "rows": rows}, f"wrote {out}, {rows:,} calls", as_json)


@ledger_app.command("gc")
def ledger_gc(
    ledger: LedgerPath,
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Folders of the runs whose calls stay.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Drop the calls that none of the given runs made. A run that asks them again pays for them again."""
    keep = {key for run in runs for key in keys_of(run)}
    with _opened(ledger) as opened:
        there = len(opened)
        dropped = sum(row["key"] not in keep for row in opened.rows()) if dry_run else opened.gc(keep)
    told = {"ledger": str(ledger), "calls": there, "dropped": dropped, "kept": there - dropped, "dry_run": dry_run}
    verb = "would drop" if dry_run else "dropped"
    _print(told, f"{verb} {dropped:,} of {there:,} calls", as_json)


def keys_of(run: str) -> set[str]:
    """Keys of the calls that a run made, and of those that the steps of its pairs refer to.

    Raises:
        RunFolderError: it is not a run's folder.
    """
    from pipeline import execute, manifest, storage

    manifest.required(run)
    found: set[str] = set()
    for path in storage.listed(run, f"{execute.LEDGER}/*.parquet"):
        found.update(storage.read_table(path, ["key"]).column("key").to_pylist())
    for folder in ("pairs", "dataset/provenance", "benchmark/provenance"):
        for path in storage.listed(run, f"{folder}/*.parquet"):
            for steps in storage.read_table(path, ["steps"]).column("steps").to_pylist():
                for step in steps:
                    found.update(re.findall(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", step["parameters"]))
    return found


def write_rows(ledger: "Ledger", out: Path) -> int:
    """Write a ledger's rows to a Parquet file, whole or not at all; returns how many. Equal rows give equal bytes."""
    import os
    import tempfile
    from itertools import islice

    import pyarrow as pa
    import pyarrow.parquet as pq

    from schemas.contract import LEDGER

    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=".writing-")
    beside, rows, count = Path(name), ledger.rows(by_key=True), 0
    try:
        with os.fdopen(handle, "wb") as file:
            with pq.ParquetWriter(file, LEDGER, compression="zstd") as writer:
                while batch := list(islice(rows, 2000)):
                    writer.write_table(pa.Table.from_pylist(batch, LEDGER))
                    count += len(batch)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(0o644)
        beside.replace(out)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return count


def _opened(path: Path) -> "Ledger":
    from synthesis.ledger import Ledger

    file = path / "ledger" / "calls.sqlite" if path.is_dir() else path
    if not file.is_file():
        raise ConfigError(f"{path}: no ledger there. Name its file, or the folder of a run that asked models.")
    return Ledger(file)


def _print(table: dict[str, Any], line: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps(table, indent=2, ensure_ascii=False))
    else:
        OUT.print(line, markup=False)
