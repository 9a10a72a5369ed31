"""A folder of Coq proofs as text: what it declares, what may not stand in it, its digest.

The folder has a `_CoqProject`, which gives it a logical name and lists its files, and `audit.toml`:

    statements = ["Statements"]      # files whose definitions are the statements
    open = ["Statements.Lemma_7"]    # statements without a proof
    [axioms]                         # what proofs may rest on, and what that means in words
    "Classical_Prop.classic" = "a proposition is true or false"

A statement is a definition `Theorem_2_1 : Prop` outside of sections. Its proof is named
`theorem_2_1 : Theorem_2_1`. A statement called `Twin…` is a false variant, and its negation has
the proof `twin… : ~ Twin…`.
"""

import hashlib
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

PROJECT = "_CoqProject"
AUDIT = "audit.toml"
TWIN = "Twin"

OPTIONS = re.compile(r"-[QR] \. (\w+)(?: -arg -w -arg [\w,+-]+)*")
MARKS = re.compile(r'\(\*|\*\)|"(?:[^"]|"")*"?')
SENTENCE = re.compile(r".*?\.(?=\s|\Z)", re.DOTALL)
ATTRIBUTES = r"(?:#\[[^\]]*\]\s*|(?:Local|Global|Program|Polymorphic|Monomorphic|Time|Fail)\s+)*"
DECLARATION = re.compile(
    ATTRIBUTES + r"(Definition|Fixpoint|Theorem|Lemma|Corollary|Proposition|Fact|Remark|Example|"
    r"Record|Structure|Inductive|Class|Instance)\s+([\w']+)"
)
STATEMENT = re.compile(ATTRIBUTES + r"Definition\s+([A-Z][\w']*)\s*:\s*Prop\s*:=")
COMMAND = re.compile(ATTRIBUTES + r"([A-Z]\w*)")
BEGIN = re.compile(r"(Section|Module)\s+(?:(?:Type|Import|Export)\s+)?([\w']+)")
END = re.compile(r"End\s+([\w']+)")
ASSUMING = {"Axiom", "Axioms", "Parameter", "Parameters", "Conjecture", "Conjectures", "Admitted"}
IN_SECTIONS = {"Variable", "Variables", "Hypothesis", "Hypotheses", "Context"}
UNSAFE = re.compile(
    r"\b(admit|give_up|bypass_check|Load|Declare\s+ML\s+Module|Type\s+In\s+Type|"
    r"(?:Guard|Positivity|Universe)\s+Checking)\b"
)


class ProofsError(ValueError):
    """The folder of proofs is not as it should be; the message says what to do."""


@dataclass(frozen=True)
class Declaration:
    """A named sentence of a file: `text` with the comment above it, `line` of its first word."""

    file: str
    name: str
    line: int
    text: str


@dataclass(frozen=True)
class Project:
    """The sources by the names of their modules, in the order of `_CoqProject`."""

    folder: Path
    root: str
    sources: dict[str, str]
    statement_files: tuple[str, ...]
    open: tuple[str, ...]
    axioms: dict[str, str]

    @cached_property
    def declared(self) -> dict[str, Declaration]:
        """By name, as "Section2.theorem_2_1"."""
        return {
            f"{file}.{found.name}": found
            for file, source in self.sources.items()
            for found in declarations(file, source)
        }

    @cached_property
    def statements(self) -> list[str]:
        """The statements, as "Statements.Theorem_2_1". Nothing in a section is one: it depends."""
        return [
            ".".join([module, *sentence.modules, found[1]])
            for module in self.statement_files
            for sentence in sentences(self.sources[module])
            if (found := STATEMENT.match(sentence.text)) and not sentence.in_section
        ]

    @cached_property
    def proofs(self) -> dict[str, str]:
        """The proofs, by name, and what each is to prove: all statements but the open ones.

        Raises `ProofsError` if a statement has no proof or two, or if one that is open has a proof.
        """
        if gone := [each for each in self.open if each not in self.statements]:
            raise ProofsError(f"{AUDIT} says that {', '.join(gone)} is open; there is no such one")
        if done := [each for each in self.open if self._named_like(each)]:
            raise ProofsError(f"{AUDIT} says that {', '.join(done)} is open; it has a proof")
        return {self.proof_of(each): each for each in self.statements if each not in self.open}

    def proof_of(self, statement: str) -> str:
        """The name of the proof of a statement, or of its negation. Raises if none or two are."""
        found = self._named_like(statement)
        if len(found) != 1:
            where = f"in {' and '.join(found)}" if found else "nowhere"
            name = proof_name(statement)
            raise ProofsError(f"{statement} needs one proof, {name} : …; it stands {where}")
        return found[0]

    def _named_like(self, statement: str) -> list[str]:
        """The declarations of the right name that say what they prove, as `lemma_7 : Lemma_7`."""
        name, bare_name = proof_name(statement), statement.rpartition(".")[2]
        says = re.compile(rf"\b{name}\s*:\s*(?:~\s*)?(?:[\w']+\.)*{bare_name}\s*\.\Z")
        return [each for each, found in self.declared.items() if says.search(found.text)]

    def allowed(self, axiom: str) -> str | None:
        """The entry of `audit.toml` that allows an axiom."""
        return next((each for each in self.axioms if fnmatchcase(axiom, each)), None)

    @cached_property
    def digest(self) -> str:
        """Changes with every source, with `_CoqProject` and with what the proofs may rest on."""
        digest = hashlib.sha256()
        for name in (PROJECT, AUDIT, *map(file_of, self.sources)):
            digest.update(f"{name}\0".encode())
            digest.update((self.folder / name).read_bytes() + b"\0")
        return digest.hexdigest()


def project(folder: Path) -> Project:
    """Read the folder. Raises `ProofsError` if a file is missing, or is not listed."""
    try:
        words = shlex.split((folder / PROJECT).read_text(encoding="utf-8"), comments=True)
        audit = tomllib.loads((folder / AUDIT).read_text(encoding="utf-8"))
        files = [word for word in words if word.endswith(".v")]
        sources = {module_of(file): (folder / file).read_text(encoding="utf-8") for file in files}
    except (FileNotFoundError, tomllib.TOMLDecodeError) as error:
        raise ProofsError(f"{folder} is no folder of proofs: {error}") from None
    options = " ".join(word for word in words if word not in files)
    if not (named := OPTIONS.fullmatch(options)):
        raise ProofsError(
            f"{folder / PROJECT} may say `-Q . Name`, switch warnings by `-arg -w` and list files, "
            "nothing else"
        )
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*.v")}
    if unlisted := sorted(present - set(files)):
        raise ProofsError(f"{folder / PROJECT} does not list {', '.join(unlisted)}")
    statement_files = tuple(audit.get("statements", ["Statements"]))
    opened = tuple(audit.get("open", []))
    if missing := [file for file in statement_files if file not in sources]:
        raise ProofsError(f"{folder / PROJECT} does not list {', '.join(missing)}, the statements")
    return Project(
        folder, named[1], sources, statement_files, opened, dict(audit.get("axioms", {}))
    )


def proof_name(statement: str) -> str:
    """As "theorem_2_1", of "Statements.Theorem_2_1"."""
    name = statement.rpartition(".")[2]
    return name[0].lower() + name[1:]


def module_of(file: str) -> str:
    """As "Section2", of "Section2.v"."""
    return file.removeprefix("./").removesuffix(".v").replace("/", ".")


def file_of(module: str) -> str:
    return module.replace(".", "/") + ".v"


def bare(source: str) -> str:
    """The source with its comments and strings blanked out, character for character."""
    kept, depth, end = [], 0, 0
    for mark in MARKS.finditer(source):
        between = source[end : mark.start()]
        kept.append(_blank(between) if depth else between)
        kept.append(_blank(mark[0]))
        depth = max(0, depth + (mark[0] == "(*") - (mark[0] == "*)"))
        end = mark.end()
    rest = source[end:]
    return "".join(kept) + (_blank(rest) if depth else rest)


def _blank(text: str) -> str:
    return re.sub(r"\S", " ", text)


@dataclass(frozen=True)
class Sentence:
    """A sentence without comments and strings, where it starts, and the modules that it is in."""

    text: str
    start: int
    modules: tuple[str, ...]
    in_section: bool


def sentences(source: str) -> Iterator[Sentence]:
    opened: list[tuple[str, str]] = []
    for found in SENTENCE.finditer(bare(source)):
        text = found[0].lstrip(" \t\r\n-+*{}")
        if (end := END.match(text)) and opened and opened[-1][1] == end[1]:
            opened.pop()
        modules = tuple(name for kind, name in opened if kind == "Module")
        yield Sentence(text, found.end() - len(text), modules, len(modules) < len(opened))
        if (begin := BEGIN.match(text)) and ":=" not in text:
            opened.append((begin[1], begin[2]))


def declarations(file: str, source: str) -> Iterator[Declaration]:
    """What a file declares."""
    end = 0
    for sentence in sentences(source):
        stop = sentence.start + len(sentence.text)
        if found := DECLARATION.match(sentence.text):
            above = source[end : sentence.start].rpartition("\n\n")[2].lstrip()
            above = above if above.startswith("(*") else ""
            name = ".".join([*sentence.modules, found[2]])
            line, text = line_of(source, sentence.start), source[sentence.start : stop]
            yield Declaration(file, name, line, above + text)
        end = stop


def assumed(source: str) -> Iterator[str]:
    """What in a source assumes without proof, or switches a check off."""
    for found in UNSAFE.finditer(bare(source)):
        yield f"line {line_of(source, found.start())}: {found[0]}"
    for sentence in sentences(source):
        command = COMMAND.match(sentence.text)
        word = command[1] if command else ""
        if word in ASSUMING or (word in IN_SECTIONS and not sentence.in_section):
            yield f"line {line_of(source, sentence.start)}: {word}"


def line_of(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1
