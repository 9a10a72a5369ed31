"""What Coq says of a folder of proofs: compiled, each proof held to its statement, axioms listed.

The sources are copied to a build folder and compiled there. Then Coq reads one more file, in which
each proof is the proof of its declared statement, or of the negation of a twin, and prints the
axioms of that. The verdicts are recorded beside the sources, with their digest.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from refutable.coq import AUDIT, PROJECT, TWIN, Project, ProofsError, assumed, file_of, project

VERDICTS = "verdicts.json"
QUESTIONS = "refutable_audit.v"
MARK = "== "
AXIOM = re.compile(r"^(\S[^:\s]*)(?=\s*:|\s*$)")
CLOSED = "Closed under the global context"
INSTALL = "apt-get install --no-install-recommends coq and the libraries that the proofs import"


@dataclass(frozen=True)
class Verdict:
    """A proof that Coq accepted, of a statement if `holds`, else of its negation."""

    statement: str
    holds: bool
    axioms: tuple[str, ...]


@dataclass(frozen=True)
class Verdicts:
    """The verdicts by the names of the proofs, on sources of this digest, by a version of Coq."""

    digest: str
    coq: str
    date: str
    proofs: dict[str, Verdict]

    def same_as(self, other: "Verdicts") -> bool:
        """Whether both say the same of the same sources."""
        return (self.digest, self.proofs) == (other.digest, other.proofs)


def read(path: Path) -> Verdicts | None:
    """Recorded verdicts; None if there are none."""
    if not path.exists():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    proofs = {
        name: Verdict(proof["statement"], proof["holds"], tuple(proof["axioms"]))
        for name, proof in content.pop("proofs").items()
    }
    return Verdicts(**content, proofs=proofs)


def write(verdicts: Verdicts, path: Path) -> None:
    text = json.dumps(asdict(verdicts), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def coq_version() -> str | None:
    """The version of the Coq on the path; None if there is none."""
    if shutil.which("coqc") is None:
        return None
    return _run(["coqc", "--print-version"], Path.cwd()).split()[0]


def audit(folder: Path, build: Path) -> Verdicts:
    """Compile what changed in `build`, and hold every proof to its statement.

    Raises `ProofsError`, with what Coq said, if a proof fails or is not of the declared statement,
    if it rests on an axiom that `audit.toml` does not name, if a statement that is not open has
    no proof, or if a source assumes something.
    """
    (build / VERDICTS).unlink(missing_ok=True)
    sources, version = project(folder), coq_version()
    if version is None:
        raise ProofsError(f"there is no coqc on the path; {INSTALL}")
    refuse_assumptions(sources)
    proofs, digest = sources.proofs, sources.digest
    compile_sources(sources, build)
    (build / QUESTIONS).write_text("\n".join(questions(sources, proofs)), encoding="utf-8")
    printed = _run(["coqc", "-q", "-Q", ".", sources.root, QUESTIONS], build)
    if project(folder).digest != digest:
        raise ProofsError(f"{folder} has changed while Coq ran; run it again")
    verdicts = Verdicts(
        digest=digest,
        coq=version,
        date=datetime.now(UTC).date().isoformat(),
        proofs=dict(sorted(answers(sources, proofs, printed))),
    )
    write(verdicts, build / VERDICTS)
    return verdicts


def refuse_assumptions(sources: Project) -> None:
    """Raise `ProofsError` if a source has an axiom, an admitted proof, or a check switched off."""
    found = [
        f"{file_of(module)}, {what}"
        for module, source in sources.sources.items()
        for what in assumed(source)
    ]
    if found:
        raise ProofsError(f"assumed without proof: {'; '.join(found)}")


def compile_sources(sources: Project, build: Path) -> None:
    """Copy what changed and compile it, with what depends on it."""
    build.mkdir(parents=True, exist_ok=True)
    names = [PROJECT, AUDIT, *map(file_of, sources.sources)]
    for copy in build.rglob("*.v"):
        if copy.relative_to(build).as_posix() not in names:
            copy.unlink()
    for name in names:
        text, copy = (sources.folder / name).read_bytes(), build / name
        if not copy.exists() or copy.read_bytes() != text:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(text)
    _run(["coq_makefile", "-f", PROJECT, "-o", "CoqMakefile"], build)
    _run(["make", "-f", "CoqMakefile", "-j2"], build)


def questions(sources: Project, proofs: dict[str, str]) -> Iterator[str]:
    """The file that Coq reads: each proof as a proof of its statement, and what it rests on."""
    for module in sources.sources:
        yield f"Require {sources.root}.{module}."
    for number, (proof, statement) in enumerate(proofs.items()):
        claim = f"{sources.root}.{statement}"
        yield f'Goal True. idtac "{MARK}{proof}". Abort.'
        yield f"Theorem audited_{number} : {claim if holds(statement) else f'~ {claim}'}."
        yield f"Proof. exact {sources.root}.{proof}. Qed."
        yield f"Print Assumptions audited_{number}."


def holds(statement: str) -> bool:
    """Whether a statement is claimed; a twin is disproved."""
    return not statement.rpartition(".")[2].startswith(TWIN)


def answers(
    sources: Project, proofs: dict[str, str], printed: str
) -> Iterator[tuple[str, Verdict]]:
    """The verdict on each proof, from what Coq printed."""
    parts = re.split(rf"^{MARK}(\S+)$", printed, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    for proof, statement in proofs.items():
        rests_on = set()
        for axiom in axioms_in(found[proof]):
            if (allowed := sources.allowed(axiom)) is None:
                raise ProofsError(f"{proof} rests on {axiom}, which {AUDIT} does not name")
            rests_on.add(allowed)
        yield proof, Verdict(statement, holds(statement), tuple(sorted(rests_on)))


def axioms_in(printed: str) -> Iterator[str]:
    """The names in what `Print Assumptions` printed; a line that names none is one as a whole."""
    for line in printed.splitlines():
        if line.startswith((" ", "\t")) or line.strip() in ("", "Axioms:", CLOSED):
            continue
        name = AXIOM.match(line)
        yield name[1] if name else line


def _run(command: list[str], folder: Path) -> str:
    """What a program printed. Raises `ProofsError` with the end of it if the program fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-20:]
        raise ProofsError("\n".join([f"{command[0]} fails in {folder}:", *said]))
    return done.stdout
