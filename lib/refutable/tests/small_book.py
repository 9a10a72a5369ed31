"""A book in a folder, for tests of the Sphinx extension; its cells display evidence as it is."""

import io
import shutil

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from refutable.card import MIME_TYPE

CLAIMS = [
    {"id": "lem-1", "kind": "Lemma", "number": "1", "title": "A minimiser exists",
     "chapter": "02_margins"},
    {"id": "thm-2-1-3", "kind": "Theorem", "number": "2.1.3", "title": "The <limit>",
     "summary": "It tends.", "section": "2.1", "chapter": "02_margins", "depends": ["lem-1"]},
    {"id": "conj-G", "kind": "Conjecture", "number": "G", "title": "Deeper", "chapter": "03_deep",
     "part": "Appendix G", "depends": ["thm-2-1-3"]},
]  # fmt: skip
CHAPTER = """# Margins

```{claims}
```

```{prf:lemma} A minimiser exists
:label: lem-1

It does.
```

```{prf:theorem} The $\\lambda$ limit
:label: thm-2-1-3

By {prf:ref}`lem-1`; later {prf:ref}`conj-G` and {prf:ref}`its dual <thm-2-1-3-Q>`.
```

```{prf:theorem} With a rate
:label: thm-2-1-3-Q

Sharper than {prf:ref}`thm-2-1-3`; see {prf:ref}`thm-2-1-3-Q` and {prf:ref}`def-margin`.
```

```{prf:definition} Margin
:label: def-margin
:nonumber:

The least of $y_i f(x_i)$.
```
"""
MYST_CHAPTER = """---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
---

# Deep

```{prf:conjecture} Deeper
:label: conj-G

It holds.
```

"""
EVIDENCE = {
    "claim": "Lemma 1", "part": None, "kind": "symbolic", "checks": "L(0) = ln l", "instances": 1,
    "tolerance": "0", "tightness": 1.0, "where": "", "unseen": "", "note": "",
    "anchor": "evidence-lemma-1-symbolic",
    "controls": [
        {"what": "λ = 0", "how": "no minimiser <at all>", "change": "other", "distance": None}
    ],
}  # fmt: skip
LEDGER = "# Ledger\n\n```{ledger}\n```\n\n```{dependency-graph}\n```\n"
INDEX = "# Book\n\n```{toctree}\n:glob:\n\n0*\nledger\n```\n"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
UNFINISHED = ["refutable.unstated", "refutable.unevidenced"]


def displayed(**changes):
    """Code that displays a piece of evidence."""
    bundle = {MIME_TYPE: EVIDENCE | changes, "text/plain": "a", "text/html": "<p>card</p>"}
    return f"from IPython.display import display\ndisplay({bundle!r}, raw=True)"


def cell(**changes):
    return new_code_cell(displayed(**changes))


def factor(distance, what="tighter"):
    """A control with that share of the constant."""
    return {"what": what, "how": "refuted", "change": "factor", "distance": distance}


class Book:
    """The folder, and what the last build said. Unfinished books build without a warning."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "index.md").write_text(INDEX)
        (folder / "ledger.md").write_text(LEDGER)
        self.claim(CLAIMS)

    def copied_to(self, folder):
        shutil.copytree(self.folder, folder)
        again = Book.__new__(Book)
        again.folder = folder
        return again

    def claim(self, claims):
        (self.folder / "claims.yml").write_text(yaml.safe_dump(claims, sort_keys=False))
        return self

    def write(self, prose, *cells, name="02_margins"):
        notebook = new_notebook(cells=[new_markdown_cell(prose), *cells], metadata=KERNEL)
        nbformat.write(notebook, self.folder / f"{name}.ipynb")
        return self

    def write_myst(self, prose, code, name="03_deep"):
        text = f"{prose}\n```{{code-cell}} python3\n{code}\n```\n"
        (self.folder / f"{name}.md").write_text(text)
        return self

    def build(self, silent=UNFINISHED, **changes):
        out = self.folder / "_build"
        said, warned = io.StringIO(), io.StringIO()
        config = {
            "extensions": ["myst_nb", "sphinx_design", "refutable.sphinx"],
            "myst_enable_extensions": ["dollarmath", "colon_fence"],
            "nitpicky": True,
            "suppress_warnings": list(silent),
            "exclude_patterns": ["_build", "lib"],
            **changes,
        }
        with docutils_namespace():
            places = self.folder, None, out / "html", out / "trees"
            Sphinx(*places, "html", config, said, warned).build()
        self.said, self.warned = said.getvalue(), warned.getvalue()
        return self

    def page(self, name):
        return self.file(f"{name}.html")

    def file(self, name):
        return (self.folder / "_build" / "html" / name).read_text(encoding="utf-8")
