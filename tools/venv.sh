#!/bin/sh
# Makes .venv with the one installer that everything else goes through.
set -eu
python=$1
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Huiyin needs Python 3.11 or newer; $python is $("$python" --version). Try: make PYTHON=python3.12 …" >&2
    exit 1
}
echo "· virtual environment"
"$python" -m venv .venv || {
    echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2
    exit 1
}
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
