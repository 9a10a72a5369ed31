"""What claims.yml and the chapters must agree on; where they do not, the build warns.

With Sphinx's -W a warning fails the build. A book that is being written may silence each by its
name in `suppress_warnings`, as `refutable.unstated`.
"""

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from refutable.relations import SHARP

from .domain import Paper, paper
from .evidence import strength

logger = logging.getLogger(__name__)


def warn(app: Sphinx, env: BuildEnvironment) -> None:
    """Items without statement or evidence or known to be loose, unknown and repeated evidence."""
    domain = paper(env)
    _unstated(domain)
    _unevidenced(domain)
    _loose(domain)
    _outdated(domain)
    for docname, records in domain.evidence.items():
        _unknown(domain, docname, [record["claim"] for record in records])
        _repeated(docname, [record["anchor"] for record in records])


def _unstated(domain: Paper) -> None:
    for claim in domain.claims.values():
        stated = domain.statements.get(claim.id)
        if stated is None:
            message = "%s is stated on no page; give a box the label %s"
            _warn("unstated", message, claim.name, claim.id)
        elif not claim.is_in(stated.docname):
            _warn("unstated", "%s is stated here and not in %s", claim.name, claim.chapter,
                  location=stated.docname)  # fmt: skip


def _unevidenced(domain: Paper) -> None:
    """Evidence of a part does not count for the statement."""
    shown = {r["claim"] for rs in domain.evidence.values() for r in rs if not r["part"]}
    for claim in domain.claims.values():
        if claim.name not in shown and not claim.pending:
            _warn("unevidenced", "no cell gives evidence for %s", claim.name)


def _loose(domain: Paper) -> None:
    """The strongest check of an item says how tight it is, or why it is not.

    A formal proof is no check: it compares nothing.
    """
    for claim in domain.claims.values():
        found = [r for rs in domain.evidence.values() for r in rs if r["claim"] == claim.name]
        of_statement = [r for r in found if not r["part"] and r["kind"] != "proved"]
        best = min(of_statement, key=strength, default=None)
        if best and not best["note"] and (best["tightness"] or 0.0) < SHARP:
            message = "the evidence for %s reaches less than half of a bound and does not say why"
            _warn("loose", message, claim.name)


def _outdated(domain: Paper) -> None:
    """The verdicts of Coq are of the proofs that the book shows."""
    found = domain.formal
    if found and not found.up_to_date:
        _warn("outdated", "%s has changed since Coq accepted it; run python -m refutable audit",
              str(found.sources.folder))  # fmt: skip


def _unknown(domain: Paper, docname: str, claims: list[str]) -> None:
    names = {claim.name for claim in domain.claims.values()}
    for name in dict.fromkeys(claims):
        if name not in names:
            _warn("unknown", "evidence is for %s, which is not in claims.yml", name,
                  location=docname)  # fmt: skip


def _repeated(docname: str, anchors: list[str]) -> None:
    for anchor in dict.fromkeys(anchors):
        if anchors.count(anchor) > 1:
            _warn("repeated", "two cells give the same evidence, %s", anchor, location=docname)


def _warn(name: str, message: str, *values: str, location: str | None = None) -> None:
    logger.warning(message, *values, location=location, type="refutable", subtype=name)
