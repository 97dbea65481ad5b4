# The book and its package. `make` alone lists what there is.

PYTHON ?= python3
MILESTONE ?=
DIR ?= workbench
PORT ?= 8000

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
SOURCES := $(shell find book conf micrograd tests -type f -not -name '*.pyc')
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
JOBS := $(shell expr $(CORES) + 1)  # one of them only hands out pages
SPHINX := $(BIN)/sphinx-build -c conf -d build/doctrees -j $(JOBS) -n -W --keep-going
PAGES = $(SPHINX) $(if $(wildcard build/pyodide/pyodide.mjs),-D live=build/pyodide) -b html book build/html

.PHONY: help book html epub pdf doctest workbench check test test-pythons bench live serve
.PHONY: cover clean distclean

help:  ## list the commands
	@sed -n 's/^\([a-z-]*\):.*##/  make \1 -/p' Makefile

book: build/html/built  ## build the book: run what has not been run since it changed, then write the pages
	@echo "The book is ready: open build/html/index.html"

# Sphinx knows which pages a change of the book touches; a change of its machinery touches all.
build/html/built: $(READY) $(SOURCES)
	@$(SPHINX) $(if $(filter conf/%,$?),-E) -q -b doctest book build/doctest
	@$(PAGES) $(if $(filter conf/%,$?),-a) -q
	@touch $@

html: $(READY)  ## write the pages only
	$(PAGES)

epub: book  ## build the book as EPUB, for reading devices
	@$(SPHINX) -q -b epub book build/epub
	@cp build/epub/micrograd-book.epub build/
	@$(PAGES) -q
	@echo "The book is ready: build/micrograd-book.epub"

pdf: book  ## print the book as PDF; needs Chromium
	@$(SPHINX) -q -b singlehtml -D html_theme=basic -D html_css_files=print.css -D html_permalinks=0 book build/single
	@$(BIN)/python conf/printing.py build/single/index.html build/micrograd-book.pdf
	@$(PAGES) -q

doctest: $(READY)  ## run every example of the book, or one milestone: make doctest MILESTONE=2
	$(SPHINX) -q -b doctest -D retest=1 -D milestone=$(MILESTONE) book build/doctest

workbench: $(READY)  ## lay out a folder for an implementation of your own: make workbench DIR=workbench
	@$(BIN)/python -m micrograd.workbench new $(DIR)
	@echo "or: make check$(if $(filter-out workbench,$(DIR)), DIR=$(DIR))"

check: $(READY)  ## run the milestones on it, or one of them: make check MILESTONE=2
	@$(BIN)/python -m micrograd.workbench check $(DIR) $(if $(MILESTONE),--milestone $(MILESTONE))

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

live: build/html/built  ## let the pages run their examples, in Python for the browser; needs npm
	@$(BIN)/python conf/extensions/pyodide.py build/pyodide
	@$(SPHINX) -D live=build/pyodide -b html book build/html -q
	@echo "The examples run where they stand: make serve"

serve: $(READY)  ## serve the built pages on this machine: make serve PORT=8000
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/html $(PORT)

cover: $(READY)  ## redraw the figure of the README
	$(BIN)/python -c 'import sys; sys.path.insert(0, "conf/extensions"); from pathlib import Path; import figures; figures.draw(Path("book/figures/front.py"), Path("book/figures/front.svg"), facecolor="white")'

clean:  ## remove what was built
	rm -rf build .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache *.egg-info

distclean: clean  ## remove the environment as well
	rm -rf $(VENV)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and f"expected Python 3.11 or later, got {v[0]}.{v[1]}: try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $(READY)
