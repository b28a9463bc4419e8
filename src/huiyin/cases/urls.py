"""问题: the list, one case, and a noun for each act on the way to closing."""

from django.urls import path

from huiyin.cases import views

app_name = "cases"
urlpatterns = [
    path("cases/", views.list_page, name="list"),
    path("cases/<int:case_id>/", views.page, name="page"),
    path("cases/<int:case_id>/notice/", views.notice, name="notice"),
    path("cases/<int:case_id>/handover/", views.handover, name="handover"),
    path("cases/<int:case_id>/answer/", views.answer, name="answer"),
    path("cases/<int:case_id>/reply/", views.reply, name="reply"),
    path("cases/<int:case_id>/closure/", views.closure, name="closure"),
]
