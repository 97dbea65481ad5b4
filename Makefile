# The book and its package. `make` alone lists what there is.

PYTHON ?= python3
MILESTONE ?=
DIR ?= workbench
FROM ?=
PORT ?= 8000

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check
PRESS := PYTHONPATH=conf $(BIN)/python -m press
READY := $(VENV)/ready
TOLD := build/told
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
JOBS := $(shell expr $(CORES) + 1)  # one of them only hands out pages
SPHINX := $(BIN)/sphinx-build -q -D progress=1 -c conf -d build/doctrees -j $(JOBS) -n -W --keep-going
PYODIDE := build/pyodide/pyodide.mjs
LIVE = $(shell test -f $(PYODIDE) && echo -D live=build/pyodide)  # not `wildcard`, which remembers
PAGES = $(SPHINX) $(LIVE) -b html book build/html

.NOTPARALLEL:  # what is built shares the doctrees
.PHONY: help book html epub pdf doctest bridge workbench check hint test test-pythons bench live test-book notebooks serve cover fonts \
  clean distclean told

help:  ## list the commands
	@sed -n 's/^\([a-z-]*\):.*##/  make \1 -/p' Makefile

book: build/html/built  ## build the book: run what has not been run since it changed, then write the pages
	@echo "The book is ready: open build/html/index.html"

# Sphinx knows which pages a change of the book touches; a change of its machinery touches all. What
# has changed is told by contents (conf/press/changes.py), so that what is gone is noticed as well.
build/html/built: $(READY) $(TOLD)/book $(TOLD)/press | $(PYODIDE)
	@$(SPHINX) $(if $(filter $(TOLD)/press $(READY),$?),-E) -b doctest book build/doctest
	@$(PAGES) $(if $(filter $(TOLD)/press $(READY),$?),-a)
	@touch $@

# Where npm and a network are, the pages run their examples. Where they are not, it is tried again.
$(PYODIDE): | $(READY)
	@$(PRESS).pyodide build/pyodide --optional

$(TOLD)/book: told $(READY)
	@$(PRESS).changes $@ book micrograd tests

$(TOLD)/press: told $(READY)
	@$(PRESS).changes $@ conf

html: $(READY)  ## write the pages only
	@$(PAGES)

epub: build/html/built  ## build the book as EPUB, for reading devices
	@$(SPHINX) -b epub book build/epub
	@cp build/epub/micrograd-book.epub build/
	@$(PAGES)
	@echo "The book is ready: build/micrograd-book.epub"

notebooks: build/html/built  ## write the chapters as notebooks, to run and to change
	@$(SPHINX) -b notebooks -a book build/notebooks
	@cd build && rm -f micrograd-notebooks.zip && $(CURDIR)/$(BIN)/python -m zipfile -c micrograd-notebooks.zip notebooks/*/
	@$(PAGES)
	@echo "The notebooks are ready: build/notebooks, and all of them in build/micrograd-notebooks.zip"

pdf: $(READY)  ## print the book as PDF; needs Chromium
	@$(PRESS).printing
	@$(MAKE) --no-print-directory build/html/built
	@$(SPHINX) -b singlehtml -D html_theme=basic -D html_css_files=print.css -D html_permalinks=0 book build/single
	@$(PRESS).printing build/single/index.html build/micrograd-book.pdf
	@$(PAGES)

MILESTONES := $(sort $(patsubst micrograd/milestones/milestone%.txt,%,\
  $(wildcard micrograd/milestones/milestone*.txt)))

doctest: $(READY)  ## run every example of the book, or one milestone: make doctest MILESTONE=2
	$(if $(filter-out $(MILESTONES),$(MILESTONE)),\
		$(error expected MILESTONE to be one of $(MILESTONES), got $(MILESTONE)))
	@$(SPHINX) -b doctest -D retest=1 -D milestone=$(MILESTONE) book build/doctest

bridge: $(READY)  ## run the examples that need PyTorch, which it installs, and note when and with what
	@echo "Installing PyTorch, if it is not there"
	@$(PIP) --group torch
	@$(SPHINX) -b doctest -D bridge=1 book build/doctest

workbench: $(READY)  ## lay out a folder for an implementation of your own: make workbench DIR=mine FROM=5 for arrays
	@$(BIN)/python -m micrograd.workbench new $(if $(FROM),--from "$(FROM)" )"$(DIR)"
	@echo 'or: make check$(if $(filter-out workbench,$(DIR)), DIR="$(DIR)")'

# A check that fails has said so, and make need not. Scripts call the workbench, which then ends in 1.
check: $(READY)  ## run the milestones on it, or one of them: make check MILESTONE=2
	@$(BIN)/python -m micrograd.workbench check "$(DIR)" \
		$(if $(MILESTONE),--milestone $(MILESTONE)) $(if $(LIMIT),--limit $(LIMIT)) || test $$? = 1

hint: $(READY)  ## say more about the check that failed last
	@$(BIN)/python -m micrograd.workbench hint "$(DIR)"

test: $(READY)  ## check style and types, run all tests and docstring examples, show coverage
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto --doctest-modules --cov --cov-report=term-missing:skip-covered

test-pythons: $(READY)  ## run the package's tests on every Python from 3.11 on that is found
	@$(BIN)/python tests/pythons.py

bench: $(READY)  ## measure speed and memory beside the original micrograd, for the chapter on cost
	@$(BIN)/python -m pip install --quiet --group bench
	@cd tests && ../$(BIN)/python -m benchmarks

live:  ## let the pages run their examples, in Python for the browser; needs npm
	@$(MAKE) --no-print-directory build/html/built
	@$(PRESS).pyodide build/pyodide
	@$(PAGES)
	@echo "The examples run where they stand: make serve"

test-book: live notebooks  ## run every page once more: in a browser (needs Chromium), and as a notebook
	@$(PIP) --group notebooks
	$(BIN)/pytest -q -n auto -m whole_book

serve: $(READY)  ## serve the built pages on this machine: make serve PORT=8000
	@$(PRESS).serving build/html $(PORT)

cover: $(READY)  ## redraw the figure of the README
	@$(PRESS).plotting book/figures/front.py book/figures/front.svg

fonts: $(READY)  ## cut the fonts of the book anew
	@echo "Installing what cuts fonts"
	@$(PIP) --group fonts
	@$(PRESS).cutting

clean:  ## remove what was built
	rm -rf build .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache *.egg-info

distclean: clean  ## remove the environment as well
	rm -rf $(VENV)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"expected Python 3.11 or later, got {v[0]}.{v[1]}: try make PYTHON=python3.12")'
	@echo "Setting up $(VENV) (once, and when pyproject.toml changes)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade "pip>=25.1"
	@$(PIP) --editable . --group dev
	@touch $(READY)
