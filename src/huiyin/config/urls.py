"""Every app's pages, under the paths that the apps give themselves; / is the desk's."""

from importlib.util import find_spec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_GET
from django.views.i18n import set_language

from huiyin.accounts.middleware import open_to_all

handler429 = "huiyin.accounts.signin.limits.too_many"
handler500 = "huiyin.core.http.server_error"


@require_GET
def icon(request: HttpRequest) -> HttpResponse:
    """Browsers and feeds ask for it under this name without having read any page."""
    return redirect(static("ui/img/mark.svg"))


urlpatterns: list[URLPattern | URLResolver] = [
    # The sign-in page too lets people choose their language.
    path("i18n/setlang/", open_to_all(set_language), name="set_language"),
    path("favicon.ico", open_to_all(icon), name="icon"),
    path("", include("huiyin.accounts.signin.doors")),
    path("", include("huiyin.accounts.signin.urls")),
    *(
        path("", include(f"huiyin.{layer}.urls"))
        for layer in reversed(settings.LAYERS)
        if find_spec(f"huiyin.{layer}.urls")
    ),
]
