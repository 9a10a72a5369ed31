"""The API page: signatures and docstrings of the library's public names, room by room.

Everything is taken from the source as written. Docstrings are Markdown here, as the reader of the
code sees them: `x`, formulas in Unicode. The page is MyST with Sphinx's own `py:` directives, which
give anchors, index and search.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[2] / "lib" / "margintheory"
PLACE = "<!-- the rooms of the library -->"


def setup(app: Any) -> dict[str, Any]:
    app.connect("source-read", fill)
    return {"version": "1", "parallel_read_safe": True}


def fill(app: Any, docname: str, source: list[str]) -> None:
    """Put the rooms where library.md wants them."""
    if docname.endswith("library"):
        source[0] = source[0].replace(PLACE, "\n\n".join(rooms(PACKAGE)))


def rooms(package: Path) -> Iterator[str]:
    """A section for each public module; a package is one room, with the names that it offers.

    A module that a package offers as a whole has a section of its own.
    """
    for path in sorted(package.iterdir()):
        if path.suffix == ".py" and not path.name.startswith("_"):
            yield room(path, list(definitions(path)))
        elif (path / "__init__.py").is_file():
            files = {file.stem: file for file in sorted(path.glob("[!_]*.py"))}
            offered = imported(path / "__init__.py")
            yield room(
                path / "__init__.py",
                [
                    node
                    for name, file in files.items()
                    for node in definitions(file)
                    if node.name in offered.get(name, ())
                ],
            )
            for name in sorted(offered.get(path.name, set()) & set(files)):
                yield room(files[name], list(definitions(files[name])))


def room(path: Path, nodes: list[ast.FunctionDef | ast.ClassDef]) -> str:
    """The section of one module."""
    module = path.parent if path.stem == "__init__" else path.with_suffix("")
    parts = module.relative_to(PACKAGE.parent).parts
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    entries = (entry(".".join(parts), node) for node in nodes)
    return "\n\n".join([f"## {'.'.join(parts[1:])}", doc, *entries])


def definitions(path: Path) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """The public functions and classes that a file defines."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def imported(path: Path) -> dict[str, set[str]]:
    """The names that a package takes from each of its modules, and from itself the modules."""
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    return {
        str(node.module).split(".")[-1]: {alias.name for alias in node.names}
        for node in nodes
        if isinstance(node, ast.ImportFrom)
    }


def entry(qualifier: str, node: ast.FunctionDef | ast.ClassDef) -> str:
    """A function, or a class with its public properties and methods."""
    name, doc = f"{qualifier}.{node.name}", ast.get_docstring(node) or ""
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
