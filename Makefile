# The book in two commands: `make book` builds the executed HTML, `make test` runs every test.
# Both create the environment from the lock first; Python >= 3.11, git and make are all they need.

PYTHON ?= python3
EXTRA  ?=
BIN    := .venv/bin
BOOK   := $(BIN)/jupyter-book build . -W -n --keep-going
STAMP  := .venv/.locked$(if $(EXTRA),-$(EXTRA))
CHAPTERS := $(wildcard book/*.ipynb)

export JAX_COMPILATION_CACHE_DIR ?= $(CURDIR)/_build/jax-cache
export XLA_PYTHON_CLIENT_PREALLOCATE ?= false
export PYTHONHASHSEED = 0

# Two chapters or test files run at a time, and small matrices gain nothing from more threads. Each
# program runs once: XLA's older emitters, which JAX 0.10 has, compile it in half the time.
book html test record: export OPENBLAS_NUM_THREADS ?= 1
book html test record: export XLA_FLAGS ?= $(if $(shell ls -d \
	.venv/lib/python3*/site-packages/jaxlib-0.10.* 2>/dev/null),--xla_cpu_use_fusion_emitters=false)

.DEFAULT_GOAL := help
.PHONY: help env book html pdf screenshots test proofs verdicts kernels promises compat wheel kit lint \
	lab record bench lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' \
		| awk -F'|' '{printf "  make %-11s %s\n", $$1, $$2}'
	@echo
	@echo "  On a GPU machine: make book EXTRA=cuda12 (or cuda13)."

env: $(STAMP) ## create .venv from requirements.lock (done by every other target)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(if $(EXTRA),$(BIN)/python -m pip install --quiet --disable-pip-version-check "jax[$(EXTRA)]==$$($(BIN)/python -c 'import jax; print(jax.__version__)')")
	@touch $@

book: env ## build the executed HTML from scratch into _build/html
	rm -rf _build/html _build/.doctrees _build/jupyter_execute
	$(BOOK)
	@echo "The book is at _build/html/index.html"

html: env ## rebuild the HTML, executing only what changed
	$(BOOK)

pdf: ## print the built HTML into _build/book.pdf (needs Chromium; builds the HTML first if there is none)
	@[ -f _build/html/index.html ] || $(MAKE) book
	$(BIN)/python book/_ext/pdf.py _build/html _build/book.pdf

screenshots: ## take the README's pictures of the built book (needs Chromium)
	@[ -f _build/html/index.html ] || $(MAKE) book
	$(BIN)/python book/_ext/screenshots.py _build/html book/_static/screenshots

test: env ## run every test: unit and property tests, then nbval over every chapter
	@$(BIN)/python tests/summary.py $(CHAPTERS)

proofs: env ## let Coq check every formal proof from nothing, and compare with the recorded verdicts
	rm -rf _build/proofs
	$(BIN)/python -m refutable audit proofs

verdicts: env ## let Coq check the formal proofs that changed, and record its verdicts
	$(BIN)/python -m refutable audit proofs --record

kernels: env ## run the solvers' tests under several BLAS kernels, with one thread and two
	$(BIN)/python tests/kernels.py

promises: env ## solve 200 random instances of each family under each BLAS kernel (takes hours)
	$(BIN)/python tests/promises.py

compat: env ## test the library with the lowest and the newest packages, on each Python present
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/python tests/compat.py

wheel: env ## install the library alone in a fresh environment and use it
	$(BIN)/python tests/wheel.py

kit: env ## install refutable alone in a fresh environment and build a new book and its example
	$(BIN)/python lib/refutable/tests/kit.py

lint: env ## ruff and mypy, as the continuous integration runs them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lab: env ## open the chapters in JupyterLab
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[lab]'
	$(BIN)/jupyter lab --notebook-dir=book

record: env ## re-execute the chapters and store them in canonical form
	$(BIN)/python -m refutable.sphinx.record $(CHAPTERS)

bench: env ## measure the solvers against named peers
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@failed=; for script in benchmarks/*.py; do \
		echo "== $$script"; $(BIN)/python $$script || failed="$$failed $$script"; \
	done; [ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

lock: env ## renew requirements.lock and environment.yml after an edit of pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --extra book --extra test --extra dev pyproject.toml -o requirements.lock
	sed -i.old '/^      - "/d' environment.yml && rm environment.yml.old
	sed -nE 's/^([a-z0-9].*[^ ]) *\\$$/      - "\1"/p' requirements.lock >> environment.yml

clean: ## remove everything that was built, the environment too
	rm -rf _build .venv .hypothesis .pytest_cache .mypy_cache .ruff_cache
