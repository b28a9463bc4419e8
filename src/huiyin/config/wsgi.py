"""The web application, as a WSGI server loads it."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from huiyin.config.collector import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.config.settings")
application = get_wsgi_application()
assert get_resolver().url_patterns  # loads every page now, not when the first of them is asked for
keep_what_is_loaded()
