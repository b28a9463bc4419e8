"""Static files get the digest of their content in their name, so browsers keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites `import` lines of JS modules; without it browsers keep stale modules."""

    support_js_module_import_aggregation = True
