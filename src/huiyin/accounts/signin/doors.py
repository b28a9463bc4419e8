"""The pages that allauth leads to by its own names, which stand in no namespace."""

from django.urls import path

from huiyin.accounts.signin import own_views, views

urlpatterns = [
    path("signin/", views.signin, name="account_login"),
    path("signin/code/", views.second_step, name="mfa_authenticate"),
    path("signin/passkey/", views.passkey_signin, name="mfa_login_webauthn"),
    path("account/", own_views.index, name="mfa_index"),
    path("account/confirmation/", own_views.confirm, name="account_reauthenticate"),
    path("account/password/", own_views.password, name="account_change_password"),
    path("account/totp/", own_views.totp, name="mfa_activate_totp"),
    path("account/totp/removal/", own_views.totp_removal, name="mfa_deactivate_totp"),
    path("account/codes/", own_views.codes, name="mfa_view_recovery_codes"),
    path("account/codes/new/", own_views.new_codes, name="mfa_generate_recovery_codes"),
    path("account/passkeys/new/", own_views.passkey, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/", own_views.passkey_name, name="mfa_edit_webauthn"),
    path(
        "account/passkeys/<int:pk>/removal/",
        own_views.passkey_removal,
        name="mfa_remove_webauthn",
    ),
]
