# The two commands: `make run` and `make test`. Each does all of its own set-up.
#   PORT=8123 HOST=0.0.0.0 DEMO=0 DEMO_TRACES=FOLDER DATABASE_URL=... REDIS_URL=... make run
#   make test ARGS="-n 2 tests/portal"
#   make soak: what CI does in short, for a long time
PYTHON ?= $(shell for each in python3.11 python3.12 python3.13 python3; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && exit; done; echo python3)
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: run test check lint floors types markup django bench soak shots lock clean

run: $(VENV)/.base
	@exec $(BIN)/python manage.py run

test: $(VENV)/.dev
	@$(BIN)/python -m pytest $(ARGS)

# `make -k check` goes on after the first gate that does not hold.
check: lint floors types markup django

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit -q -c pyproject.toml -r portal tenants resources manage.py

floors: $(VENV)/.dev
	$(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy .

markup: $(VENV)/.dev
	$(BIN)/djlint --lint --quiet templates

django: $(VENV)/.dev
	$(BIN)/python manage.py check --fail-level WARNING
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') ALLOWED_HOSTS=portal.example \
	  CREDENTIAL_KEYS=k1:$$(head -c 32 /dev/urandom | base64) DATABASE_URL=postgresql:///portal REDIS_URL=redis://localhost DJANGO_SETTINGS_MODULE=portal.settings.production \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m portal.embedded $(BIN)/python manage.py makemigrations --check --dry-run

bench: $(VENV)/.dev
	@$(BIN)/python -m pytest tests/bench -s $(ARGS)

soak: $(VENV)/.dev
	@SOAK_STEPS=$${SOAK_STEPS:-5000} $(BIN)/python -m pytest tests/resources/test_promises_machine.py tests/journeys/test_pages.py -s $(ARGS)

shots: $(VENV)/.dev
	@$(BIN)/python manage.py screenshots

lock: $(VENV)/.dev
	@cd requirements && for each in base dev uv; do \
	  ../$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	    --no-emit-index-url --no-emit-find-links $$each.in -o $$each.txt || exit 1; \
	done

# Also what root's PostgreSQL keeps elsewhere when it may not enter this folder.
clean:
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m portal.embedded --remove; fi
	rm -rf $(VENV) var

$(VENV)/.base: requirements/base.txt requirements/uv.txt requirements/install.py
	@command -v $(PYTHON) >/dev/null || { echo "The portal needs Python 3.11 or newer, and there is no $(PYTHON)."; exit 1; }
	@$(PYTHON) requirements/install.py $(VENV) base
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	@$(PYTHON) requirements/install.py $(VENV) dev
	@touch $@
