# Sourced by the scripts in bin/: makes the checkout's virtual environment from requirements.lock, once.
# A second start costs a hash of the lock. Sets CHECKOUT and VENV; the callers run "$VENV/bin/python".
# shellcheck shell=sh

CHECKOUT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
VENV=$CHECKOUT/.venv
UV_LOCK=$CHECKOUT/bin/lib/uv.lock
LOCK=$CHECKOUT/requirements.lock
PROVIDER=$CHECKOUT/provider

# What steers Python or pip from outside must not reach the virtual environment.
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV

fail() { echo "${0##*/}: $*" >&2; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 && new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
        [ -z "${PYTHON:-}" ] || break
    done
}

stamp() { { cat "$LOCK" "$UV_LOCK" "$PROVIDER"/pyproject.toml "$PROVIDER"/*/*.py; "$1" -V; } 2>/dev/null | sha256sum; }

up_to_date() { [ -x "$VENV/bin/python" ] && [ "$(cat "$VENV/.stamp" 2>/dev/null)" = "$(stamp "$VENV/bin/python")" ]; }

install_all() {
    found=$(find_python)
    if [ -z "$found" ]; then
        [ -z "${PYTHON:-}" ] || fail "\$PYTHON ($PYTHON) is not a Python of version 3.11 or newer."
        fail "Python 3.11 or newer is needed: install the package python3 (and python3-venv) of Debian 12 or Ubuntu 24.04, or name one in \$PYTHON."
    fi
    "$found" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$found cannot make a virtual environment: install the package python3-venv (on Debian and Ubuntu: apt install python3-venv)."
    echo "Setting up $VENV (once; some 180 packages) ..." >&2
    rm -f "$VENV/.stamp"
    "$VENV/bin/python" -m pip --version >/dev/null 2>&1 || "$found" -m venv --clear "$VENV" || fail "$VENV could not be made."
    quiet="--quiet --disable-pip-version-check"
    # shellcheck disable=SC2086
    if "$VENV/bin/python" -m pip install $quiet --require-hashes -r "$UV_LOCK" 2>/dev/null; then
        # The machine's own certificates, as pip uses them: behind a company's proxy there is no other way out.
        "$VENV/bin/uv" pip sync --quiet --system-certs --require-hashes --python "$VENV/bin/python" "$LOCK" ||
            fail "the packages of requirements.lock could not be installed; is the package index reachable?"
    else
        "$VENV/bin/python" -m pip install $quiet --require-hashes -r "$LOCK" ||
            fail "the packages of requirements.lock could not be installed; is the package index reachable?"
    fi
    # The connection types; what builds them is in the lock, so nothing is fetched.
    # shellcheck disable=SC2086
    "$VENV/bin/python" -m pip install $quiet --no-index --no-deps --no-build-isolation --force-reinstall "$PROVIDER" ||
        fail "$PROVIDER could not be installed."
    stamp "$VENV/bin/python" >"$VENV/.stamp"
}

bootstrap() {
    up_to_date && return
    [ -w "$CHECKOUT" ] || fail "$CHECKOUT is not writable for $(id -un): use a checkout of your own."
    if command -v flock >/dev/null 2>&1; then
        # One start installs, those beside it wait and then find it done.
        exec 9>"$CHECKOUT/.venv.lock"
        flock 9
        up_to_date || install_all
        exec 9>&-
    else
        install_all
    fi
}

bootstrap
PYTHONPATH=$CHECKOUT
export PYTHONPATH
