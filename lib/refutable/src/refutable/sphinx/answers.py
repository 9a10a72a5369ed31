"""What a solution computes stands inside its fold: an answer is seen only when asked for."""

from docutils import nodes
from sphinx.application import Sphinx

SOLUTION = "Solution"  # how the titles of such folds begin


def fold(app: Sphinx, doctree: nodes.document) -> None:
    """Move the cells that follow a solution into its fold."""
    for solution in list(doctree.findall(is_solution)):
        beside = solution.parent
        after = beside.index(solution) + 1
        while after < len(beside) and is_cell(beside[after]):
            solution += beside.pop(after)


def is_solution(node: nodes.Node) -> bool:
    return (
        isinstance(node, nodes.container)
        and node.get("design_component") == "dropdown"
        and node.astext().startswith(SOLUTION)
    )


def is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"
