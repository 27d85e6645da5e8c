"""Themis. Exit codes: 0 done, 1 what was checked does not hold or rows were lost, 2 bad usage or configuration."""

import _thread
import json
import logging
import os
import sys
import threading
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from pipeline.cli_evaluation import adversarial, benchmark, evaluate, rerank
from pipeline.cli_experiments import experiment
from pipeline.cli_models import ledger_app, serve_model
from pipeline.cli_mutations import mutations_app
from pipeline.cli_report import report
from pipeline.cli_training import train
from schemas.errors import CheckFailed, ConfigError, ThemisError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
languages_app = typer.Typer(no_args_is_help=True, help="The languages that have a folder.")
app.add_typer(languages_app, name="languages")

OUT = Console(highlight=False, soft_wrap=True)  # a path that wraps can't be copied, nor found by a script
ERR = Console(stderr=True, highlight=False, soft_wrap=True)

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

UsageError: Any = typer.BadParameter.__bases__[0]  # typer carries its own copy of click and exports only the leaves

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="A.B=C", help="Override a field of the configuration.")
]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where to write themis.yaml.")] = Path(),
    template: Annotated[str, typer.Option(help="quickstart, commits or models.")] = "quickstart",
) -> None:
    """Write a commented configuration to start from."""
    found = files("pipeline") / "templates" / f"{template}.yaml"
    if not found.is_file():
        names = sorted(p.name.removesuffix(".yaml") for p in (files("pipeline") / "templates").iterdir() if p.is_file())
        raise ConfigError(f"--template {template}: no such template; there are {', '.join(names)}")
    target = folder / "themis.yaml"
    if target.exists():
        raise ConfigError(f"{target}: is there already. Remove it, or name another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(found.read_text(encoding="utf-8"), encoding="utf-8")
    OUT.print(f"wrote {target}. Next: themis run {target}", markup=False)


@app.command(context_settings={"allow_extra_args": True})
def run(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="A YAML file; `themis init` writes one.")],
    sets: Sets = None,
    out: Annotated[str | None, typer.Option(help="The run's folder; by default runs/NAME.")] = None,
    until: Annotated[str | None, typer.Option(help="Last stage to do.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    runner: Annotated[str | None, typer.Option(help="Beam runner; its options follow after --.")] = None,
) -> None:
    """Make a corpus, a model and its scores from public code; go on where an earlier run of the folder stopped."""
    from pipeline.config import load
    from pipeline.run import run as run_config
    from pipeline.screen import closing

    given = list(sets or [])
    if runner is not None:
        given.append(f"execution.runner={runner}")
    if context.args:
        given.append(f"execution.beam_options={json.dumps(context.args)}")
    loaded = load(config, tuple(given))
    root = out or f"runs/{loaded.name}"
    done, planned = run_config(loaded, root, OUT, until, dry_run)
    if dry_run:
        for step in planned:
            OUT.print(f"{step.stage:<11} {'would be done' if step.action == 'do' else 'unchanged'}")
        return
    closing(root, done, OUT)


@app.command()
def plan(
    config: Annotated[Path, typer.Argument(help="A YAML file.")], sets: Sets = None, as_json: JsonFlag = False
) -> None:
    """Count what the sources hold, per source and language; makes nothing."""
    from pipeline.config import load
    from pipeline.plan import count_sources
    from pipeline.screen import plan_table

    counted = count_sources(load(config, tuple(sets or [])), ERR)
    if as_json:
        _print_json(counted)
    else:
        plan_table(counted, OUT)


@app.command()
def verify(run: Annotated[str, typer.Argument(help="A run's folder.")], as_json: JsonFlag = False) -> None:
    """Check hashes, row sums, schemas, order and the split's firewall; exit 1 on any break."""
    from pipeline.audit.verify import verify as broken_in

    broken = broken_in(run)
    if as_json:
        _print_json({"run": run, "holds": not broken, "broken": broken})
    elif not broken:
        OUT.print(f"{run}: holds (hashes, row sums, schemas, order, split)", markup=False)
    if broken:
        raise CheckFailed("\n".join(broken))


@app.command()
def audit(
    run: Annotated[str, typer.Argument(help="A run's folder.")],
    pair_id: Annotated[str, typer.Argument(help="A pair's idx, or its first eight characters.")],
    replay: Annotated[
        bool, typer.Option("--replay", help="Rebuild the pair from its source and compare bytes.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show a pair's whole lineage."""
    from pipeline.audit.lineage import find
    from pipeline.audit.replay import replay as rebuild
    from pipeline.screen import lineage_screen

    lineage = find(run, pair_id)
    same = rebuild(run, lineage) if replay else None
    if as_json:
        table = {"id": lineage.id, "split": lineage.split, "shard": lineage.shard, "row": lineage.row}
        _print_json({**table, "provenance": lineage.provenance, "replay": same})
    else:
        lineage_screen(lineage, same, OUT)
    if same is not None and not all(same.values()):
        raise CheckFailed(f"{lineage.id}: rebuilt bytes differ: {same}")


@app.command("mine-report")
def mine_report(
    run: Annotated[str, typer.Argument(help="A run's folder, with its stage mine done.")],
    gold: Annotated[Path | None, typer.Option(help="Hand-read commits, one JSON object a line.")] = None,
    at: Annotated[
        list[float] | None, typer.Option(metavar="P", help="Measure at this threshold too; may be repeated.")
    ] = None,
    terms: Annotated[Path | None, typer.Option(help="Folder of *.list term lists: a baseline.")] = None,
    labels: Annotated[Path | None, typer.Option(help="Other hand-read commits: train a plain classifier.")] = None,
    mirrors: Annotated[Path | None, typer.Option(help="Folder of git repositories that --labels speaks of.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where report.json and report.html go; by default RUN/mining.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Measure mining: precision, recall and yield against hand-read commits, the funnel, lengths, baselines."""
    from pipeline.mining_report.report import Asked, make, write
    from pipeline.mining_report.screen import show

    asked = Asked(gold, tuple(at or ()), terms, labels, mirrors)
    report = make(run, asked, lambda line: ERR.print(line, markup=False))
    folder = write(run, report, out)
    if as_json:
        _print_json(report)
        return
    show(report, OUT)
    OUT.print(f"\nwrote {folder}/report.json and {folder}/report.html", markup=False)


@app.command("mine-train")
def mine_train(
    mirrors: Annotated[
        Path, typer.Option(help="Folder of git repositories: OWNER+NAME/repo, OWNER/NAME or OWNER/NAME.git.")
    ],
    labels: Annotated[
        list[Path] | None, typer.Option(help="Hand-read commits; the first sets the thresholds. Default: our own.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The weights' file, or the encoder's folder.")] = Path("weights.json"),
    base: Annotated[
        str | None, typer.Option(help="Fine-tune this encoder (folder or hub id) instead of the embedded model.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a criterion classifier from hand-read commits and public histories; by default the embedded one."""
    from pipeline.criterion.build import build
    from pipeline.progress import stage_progress
    from pipeline.screen import criterion_table

    with stage_progress(ERR, "read", "commits", None):
        made = build(tuple(labels or ()), mirrors, out, base)
    if as_json:
        _print_json(made)
    else:
        criterion_table(made, OUT)
        OUT.print(f"wrote {out}", markup=False)


for command in (train, evaluate, rerank, adversarial, benchmark, experiment, report):
    app.command()(command)
app.command("serve-model", context_settings={"allow_extra_args": True})(serve_model)
app.add_typer(mutations_app, name="mutations")
app.add_typer(ledger_app, name="ledger")


@languages_app.command("list")
def languages_list(as_json: JsonFlag = False) -> None:
    """List the languages and where their grammars come from."""
    from parsers.language import languages

    rows = [
        {"name": one.name, "folder": one.folder, "extensions": list(one.extensions), "grammar": one.wheel[0]}
        for one in languages().values()
    ]
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        OUT.print(f"{row['name']:<12} {' '.join(row['extensions']):<28} {row['grammar']}", markup=False)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def cli() -> int:
    """Run the command line and return its exit code; an error that Themis raises on purpose prints as its message."""
    logging.getLogger().setLevel(logging.ERROR)  # Beam warns of clients that nothing here uses
    logging.getLogger("apache_beam").setLevel(logging.CRITICAL)  # and logs what it raises too
    try:
        code = int(app(standalone_mode=False) or 0)
        return _interrupted() if code == INTERRUPTED else code  # typer answers so where it caught the interrupt
    except ThemisError as error:
        ERR.print(f"[red]error[/]: {escape(str(error))}")
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except typer.Exit as ended:
        return int(ended.exit_code)
    except UsageError as error:
        error.show()
        return 2


def _interrupted() -> int:
    ERR.print("interrupted; what was finished is kept, the same command goes on from there")
    return INTERRUPTED


def _once_more(lost: Any) -> None:
    """An interrupt that hit where Python can raise nothing, such as in a weak reference's callback, comes again."""
    if isinstance(lost.exc_value, KeyboardInterrupt):
        again = threading.Timer(0.05, _thread.interrupt_main)
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(lost)


def main() -> None:
    """Run the command line and end the process at once.

    Beam's in-process runner leaves daemon threads inside C++ code; the interpreter's own end unwinds them there, which
    now and then aborts a process whose work is done.
    """
    sys.unraisablehook = _once_more
    code = cli()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
