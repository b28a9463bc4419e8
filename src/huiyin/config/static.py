"""Static files get the digest of their content in their name, so browsers keep them for ever."""

import fcntl
import hashlib
from collections.abc import Iterator
from pathlib import Path

from whitenoise.storage import CompressedManifestStaticFilesStorage

# htmx's extensions are unused, and their comments read like imports of files that are not there;
# the scripts of allauth's own pages are not ours.
IGNORED = ["django_htmx/ext/*", "account/*", "mfa/*"]


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites `import` lines of JS modules; without it browsers keep stale modules."""

    support_js_module_import_aggregation = True


def collect() -> None:
    """Gather all static files under hashed names, compressed; nothing to do if none changed."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    # Two web processes may start at the same moment.
    with open(root.with_name("static.lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = root / ".collected"
        state = _state()
        if not stamp.exists() or stamp.read_text() != state:
            call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=IGNORED)
            stamp.write_text(state)


def _state() -> str:
    return hashlib.sha256("\n".join(sorted(_sources())).encode()).hexdigest()


def _sources() -> Iterator[str]:
    from django.contrib.staticfiles.finders import get_finders

    for finder in get_finders():
        for name, storage in finder.list(IGNORED):
            found = Path(storage.path(name)).stat()
            yield f"{name} {found.st_size} {found.st_mtime_ns}"
