from django.urls import path

from huiyin.imports import views

app_name = "imports"
urlpatterns = [
    path("settings/imports/", views.imports, name="list"),
    path("settings/imports/<int:batch_id>/", views.batch, name="page"),
    path("settings/imports/<int:batch_id>/columns/", views.columns, name="columns"),
    path("settings/imports/<int:batch_id>/sheet/", views.sheet, name="sheet"),
    path("settings/imports/<int:batch_id>/application/", views.application, name="application"),
    path("settings/imports/<int:batch_id>/undoing/", views.undoing, name="undoing"),
    path("settings/imports/<int:batch_id>/cancellation/", views.cancellation, name="cancellation"),
    path("settings/imports/<int:batch_id>/doubts/", views.doubts, name="doubts"),
    path("settings/imports/<int:batch_id>/refusals/", views.refusals, name="refusals"),
]
