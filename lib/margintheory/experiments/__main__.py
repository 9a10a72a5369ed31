"""The command line: python -m margintheory.experiments {list, run, show}."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from margintheory import plots
from margintheory.experiments import run
from margintheory.experiments.downloads import DownloadError
from margintheory.experiments.store import RESULTS, StoreError
from margintheory.training import one_device_per_core


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m margintheory.experiments",
        description="Run the experiments of Section 6 and Appendix F, and show their results.",
    )
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="name the experiments, their scales and sizes")
    for name, purpose in (
        ("run", "run an experiment, or go on with an interrupted run"),
        ("show", "draw the figure and print the table from results alone"),
    ):
        command = commands.add_parser(name, help=purpose, description=purpose)
        command.add_argument("experiment", choices=run.NAMES)
        command.add_argument(
            "--scale",
            choices=("quick", "recorded", "paper"),
            default="quick",
            help="default: quick",
        )
        command.add_argument(
            "--out", type=Path, metavar="DIR", help="results folder, default results/NAME-SCALE"
        )
        if name == "run":
            command.add_argument(
                "--resume", action="store_true", default=True, help="keep finished chunks (default)"
            )
            command.add_argument(
                "--fresh", action="store_true", help="delete the results in the folder first"
            )
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0, 1 for an error that is explained in a message, 130 for an interrupt."""
    options = parser().parse_args(arguments)
    if options.command == "list":
        overview()
        return 0
    if options.scale not in (scales := run.experiment(options.experiment).SCALES):
        parser().error(f"{options.experiment} has the scales {', '.join(scales)}.")
    folder = options.out or Path("results") / f"{options.experiment}-{options.scale}"
    try:
        if options.command == "run":
            one_device_per_core()
            run.into(options.experiment, options.scale, folder, fresh=options.fresh, report=_say)
        show(options.experiment, folder)
    except (StoreError, DownloadError, ImportError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nStopped. Finished chunks are in {folder}; the same command goes on.")
        return 130
    return 0


def overview() -> None:
    for name in run.NAMES:
        module = run.experiment(name)
        print(f"{name}: {module.TITLE}")
        for scale, config in module.SCALES.items():
            print(f"  --scale {scale}: {len(module.chunks(config))} chunks")


def show(name: str, folder: Path) -> None:
    """Print the table and write the figures of what a folder holds."""
    results, module = run.collect(folder), run.experiment(name)
    if results.experiment != name:
        raise StoreError(f"{folder} holds results of {results.experiment}, not of {name}.")
    print(module.table(results))
    print(f"results: {folder / RESULTS}")
    for name, draw in module.FIGURES.items():
        plots.save(draw(results), folder / f"{name}.svg")
        print(f"figure:  {folder / name}.svg")


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
