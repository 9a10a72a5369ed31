"""`python -m refutable`: begin a book, audit its Coq proofs, and ask the ledger of a built one."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from refutable.audit import VERDICTS, audit, read, write
from refutable.coq import ProofsError
from refutable.ledger import WAYS, Item, LedgerError, find, load, loose, users, weakest
from refutable.skeleton import begin

LEDGER = Path("_build/html/ledger.json")
BUILD = Path("_build/proofs")
QUESTIONS = {
    "weakest": "all items, those with the weakest and the loosest evidence first",
    "loose": "evidence that reaches less than half of its bound, or no known share of it, and why",
    "impact": "what is at risk if ITEM falls: all whose proofs use it, with their evidence",
    "what-rests-on": "all whose statements or proofs use ITEM, directly or through others",
}


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m refutable", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    new = commands.add_parser("new", help="write a small book that builds", description=(
        "Write a small book: one statement, its proof, its evidence with a control."))  # fmt: skip
    new.add_argument("folder", metavar="DIR", type=Path, help="a folder that is empty or missing")
    check = commands.add_parser("audit", help="hold Coq proofs to their statements", description=(
        "Compile what changed, hold each proof to its statement, list the axioms, and compare with "
        "the verdicts recorded beside the sources."))  # fmt: skip
    check.add_argument("folder", metavar="DIR", type=Path, nargs="?", default=Path("proofs"))
    check.add_argument("--build", metavar="DIR", type=Path, default=BUILD, help=f"default: {BUILD}")
    check.add_argument("--record", action="store_true", help="record the verdicts anew")
    for question, meaning in QUESTIONS.items():
        command = commands.add_parser(question, help=meaning, description=meaning)
        if question in ("impact", "what-rests-on"):
            command.add_argument("item", metavar="ITEM", help='as thm-2-1 or "Theorem 2.1"')
        command.add_argument(
            "--ledger", metavar="PATH", type=Path, default=LEDGER, help=f"default: {LEDGER}"
        )
    return parser


def audited(folder: Path, build: Path, record: bool) -> str:
    """One line on what Coq found. Raises `ProofsError` unless it found what is recorded."""
    found, recorded = audit(folder, build), read(folder / VERDICTS)
    if recorded is None or not found.same_as(recorded):
        if not record:
            raise ProofsError(
                f"Coq accepts all of {folder}, but {folder / VERDICTS} speaks of other sources; "
                "record its verdicts with --record"
            )
        write(found, folder / VERDICTS)
    twins = sum(not proof.holds for proof in found.proofs.values())
    return (
        f"Coq {found.coq} accepts {len(found.proofs) - twins} proofs of the declared statements "
        f"and disproves {twins} twins; sources {found.digest[:12]}"
    )


def answer(arguments: argparse.Namespace) -> Iterator[str]:
    """The lines that answer a question."""
    kinds, items = load(arguments.ledger)
    if arguments.command == "weakest":
        yield from map(described, weakest(kinds, items))
    elif arguments.command == "loose":
        for item, evidence in loose(items):
            yield f"{row(item['name'], evidence)}  {evidence['note'] or evidence['checks']}"
    elif arguments.command == "impact":
        found = users(items, find(items, arguments.item), ["proof_depends"])
        at_risk = {id: items[id] for id in found}
        yield from map(described, weakest(kinds, at_risk))
    else:
        item = find(items, arguments.item)
        for id, used in users(items, item, WAYS).items():
            yield f"{items[id]['name']}  {how(items[id], items[used], item)}"


def described(item: Item) -> str:
    return f"{row(item['name'], item)}  {item['title']}"


def row(name: str, evidence: Item) -> str:
    """Name, kind and tightness, in columns."""
    share = evidence["tightness"]
    return f"{name:16} {evidence['kind']:10} {'' if share is None else f'{share:.4g}':>7}"


def how(user: Item, used: Item, item: Item) -> str:
    """In what way one item uses another, and through which if that is not the item itself."""
    ways = " and ".join(meaning for way, meaning in WAYS.items() if used["id"] in user[way])
    return f"in {ways}" + ("" if used is item else f", through {used['name']}")


def main() -> int:
    arguments = parser().parse_args()
    try:
        if arguments.command == "new":
            begin(arguments.folder)
            print(f"The book is in {arguments.folder}. Build it with\n"
                  f"    jupyter-book build {arguments.folder} -W -n --keep-going")  # fmt: skip
        elif arguments.command == "audit":
            print(audited(arguments.folder, arguments.build, arguments.record))
        else:
            print("\n".join(answer(arguments)) or "nothing")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the answer has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (LedgerError, ProofsError, FileExistsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
