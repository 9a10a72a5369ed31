"""The API page: signatures and docstrings of the packages' public names, room by room.

Everything is taken from the source as written. Docstrings are Markdown here, as the reader of the
code sees them: `x`, formulas in Unicode. The page is MyST with Sphinx's own `py:` directives, which
give anchors, index and search.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = {
    path.name: path
    for path in (
        ROOT / "lib/margintheory",
        ROOT / "lib/margincheck",
        ROOT / "lib/refutable/src/refutable",
    )
}
# <!-- rooms of PACKAGE: ROOM … -->, or <!-- rooms of PACKAGE --> for the package itself
PLACE = re.compile(r"<!-- rooms of (?P<package>\w+)(?:: (?P<rooms>[\w. ]+))? -->")


def setup(app: Any) -> dict[str, Any]:
    app.connect("source-read", fill)
    return {"version": "1", "parallel_read_safe": True}


def fill(app: Any, docname: str, source: list[str]) -> None:
    """Put the rooms where library.md wants them."""
    if docname.endswith("library"):
        source[0] = PLACE.sub(lambda place: "\n\n".join(rooms(place)), source[0])


def rooms(place: re.Match[str]) -> Iterator[str]:
    """The sections that one place of the page asks for."""
    package = place["package"]
    names = place["rooms"].split() if place["rooms"] else [""]
    for name in names:
        yield room(package, PACKAGES[package].joinpath(*name.split(".")), name or package)


def room(package: str, path: Path, title: str) -> str:
    """The section of one module, or of a package with the names that it offers."""
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    doc = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    nodes = offered(path) if path.is_dir() else definitions(file)
    qualifier = ".".join([package, *path.relative_to(PACKAGES[package]).parts])
    here = block("py:currentmodule", qualifier, "")
    return "\n\n".join([f"### {title}", doc, here, *(entry(node) for node in nodes)])


def definitions(path: Path) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """The public functions and classes that a file defines."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def offered(package: Path) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """The definitions in a package's own modules of the names that its `__init__` imports."""
    imports = [
        node
        for node in ast.walk(ast.parse((package / "__init__.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    for file in sorted(package.glob("[!_]*.py")):
        names = {
            alias.name
            for node in imports
            if str(node.module).split(".")[-1] == file.stem
            for alias in node.names
        }
        yield from (node for node in definitions(file) if node.name in names)


def entry(node: ast.FunctionDef | ast.ClassDef) -> str:
    """A function, or a class with its public properties and methods."""
    name, doc = node.name, ast.get_docstring(node) or ""
    if isinstance(node, ast.FunctionDef):
        return block("py:function", name + signature(node), doc)
    members = [
        member(name, each)
        for each in node.body
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")
    ]
    return block("py:class", name + fields(node), "\n\n".join([doc, *members]))


def member(owner: str, node: ast.FunctionDef) -> str:
    name, doc = f"{owner}.{node.name}", ast.get_docstring(node) or ""
    if any(ast.unparse(decorator) == "property" for decorator in node.decorator_list):
        return block("py:property", name, doc, fence=4)
    return block("py:method", name + signature(node), doc, fence=4)


def signature(node: ast.FunctionDef) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"({ast.unparse(node.args)}){returns}"


def fields(node: ast.ClassDef) -> str:
    """The fields of a class that are its own, of which its constructor is made."""
    found = [ast.unparse(each) for each in node.body if isinstance(each, ast.AnnAssign)]
    public = [field for field in found if not field.startswith("_")]
    return f"({', '.join(public)})" if public else ""


def block(directive: str, title: str, body: str, fence: int = 6) -> str:
    ticks = "`" * fence
    return f"{ticks}{{{directive}}} {title}\n{body}\n{ticks}"
