"""Every app's pages, under the paths that the apps give themselves; / is the desk's."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/", include("django.conf.urls.i18n")),
    *(
        path("", include(f"huiyin.{layer}.urls"))
        for layer in reversed(settings.LAYERS)
        if f"huiyin.{layer}" in settings.INSTALLED_APPS and find_spec(f"huiyin.{layer}.urls")
    ),
]
