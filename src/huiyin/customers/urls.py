"""客户: the list, one customer, entering and mending one, a whole number shown once."""

from django.urls import path

from huiyin.customers import views

app_name = "customers"
urlpatterns = [
    path("customers/", views.list_page, name="list"),
    path("customers/new/", views.new, name="new"),
    path("customers/<int:customer_id>/", views.page, name="page"),
    path("customers/<int:customer_id>/edit/", views.edit, name="edit"),
    path("customers/<int:customer_id>/consents/", views.consents, name="consents"),
    path(
        "customers/<int:customer_id>/consents/<int:fact_id>/void/",
        views.consent_void,
        name="consent_void",
    ),
    path("contacts/<int:contact_id>/revelations/", views.reveal, name="reveal"),
]
