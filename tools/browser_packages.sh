#!/bin/sh
# Browser tests need Chromium and CJK fonts. As root on Debian they are installed; elsewhere the
# tests skip and say so, since a test run must not ask for a password.
set -eu
have() { command -v chromium >/dev/null 2>&1 && fc-list :lang=zh 2>/dev/null | grep -qi cjk; }
have && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "· Chromium and CJK fonts for the browser tests"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium fonts-noto-cjk fontconfig; } \
        >.cache/browser_packages.log 2>&1 || {
        echo "  could not be installed (.cache/browser_packages.log); browser tests will skip" >&2
        # Where they could be had, a skipped browser test is a failed one.
        test -z "${CI:-}"
    }
else
    echo "· no Chromium or CJK fonts here: browser tests will skip" >&2
fi
