"""问题: the list, what comes in, one case, and a noun for each act on the way to closing."""

from django.urls import path

from huiyin.cases import views
from huiyin.cases.forms import ACTS

app_name = "cases"
urlpatterns = [
    path("cases/", views.list_page, name="list"),
    path("cases/figures/", views.figures_page, name="figures"),
    path("cases/new/", views.arrival, name="arrival"),
    path("cases/new/<int:customer_id>/", views.intake, name="intake"),
    path("cases/<int:case_id>/", views.page, name="page"),
    path("cases/<int:case_id>/copies/", views.copied, name="copied"),
    path("cases/<int:case_id>/notice/", views.notice, name="notice"),
    path("cases/<int:case_id>/handover/", views.handover, name="handover"),
    path("cases/<int:case_id>/answer/", views.answer, name="answer"),
    *(path(f"cases/<int:case_id>/{noun}/", views.act, {"noun": noun}, name=noun) for noun in ACTS),
]
