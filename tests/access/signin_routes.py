"""Lines of the access table about signing in, one's own login, and the logins of others."""

from __future__ import annotations

from typing import Any

from tests.people import PASSWORD

# As in `test_every_route`: 302 is the sign-in for who has none, else the next step. Whoever is
# signed in is led on from the doors; what concerns the login asks for the password again (302).
#          nobody · supervisor · head · owner · repairer · colleague · outsider · far_head · left · off
OPEN = "200 302 302 302 302 302 302 302 200 200"
FORM = "422 302 302 302 302 302 302 302 422 422"
ALL = "302 200 200 200 200 200 200 200 302 302"
ON = "302 302 302 302 302 302 302 302 302 302"
WRONG = "302 422 422 422 422 422 422 422 302 302"
NONE = "302 404 404 404 404 404 404 404 302 302"
HEADS = "302 200 403 403 403 403 403 403 302 302"
# About one of 一区: who sees him but heads no firm may not; the rest do not see him.
LOGIN = "302 200 403 404 404 403 404 404 302 302"
CHANGE = "302 302 403 404 404 403 404 404 302 302"

NEW = {"current": PASSWORD, "password": "another-long-password", "again": "another-long-password"}
RULE = {"heads_need_factor": "on", "grace_days": "7", "reason": "防盗用"}
WHOSE = {"person": "colleague"}

SIGNIN_TABLE: list[tuple[str, dict[str, Any], dict[str, Any] | None, str]] = [
    ("accounts:signin", {}, None, OPEN),
    ("accounts:signin", {}, {"username": "x"}, FORM),
    ("account_login", {}, None, OPEN),
    ("account_login", {}, {"username": "x", "password": "y"}, FORM),
    ("mfa_authenticate", {}, None, ON),
    ("mfa_authenticate", {}, {"code": "000000"}, ON),
    ("mfa_login_webauthn", {}, None, ON),
    ("mfa_login_webauthn", {}, {"credential": "{}"}, ON),
    ("signin:link", {"secret": "no-such-secret"}, None, ON),
    ("signin:first_password", {}, None, "409 409 409 409 409 409 409 409 409 409"),
    ("signin:first_password", {}, {"password": "x"}, "409 409 409 409 409 409 409 409 409 409"),
    ("mfa_index", {}, None, ALL),
    ("account_reauthenticate", {}, None, ALL),
    ("account_reauthenticate", {}, {}, WRONG),
    ("account_reauthenticate", {}, {"password": PASSWORD}, ON),
    ("account_change_password", {}, None, ALL),
    ("account_change_password", {}, {}, WRONG),
    ("account_change_password", {}, NEW, ON),
    ("mfa_activate_totp", {}, None, ON),
    ("mfa_activate_totp", {}, {"code": "000000"}, ON),
    ("mfa_deactivate_totp", {}, None, NONE),
    ("mfa_deactivate_totp", {}, {}, NONE),
    ("mfa_view_recovery_codes", {}, None, NONE),
    ("mfa_generate_recovery_codes", {}, None, ON),
    ("mfa_generate_recovery_codes", {}, {}, ON),
    # Under http and a name that is not this machine's no browser offers any.
    ("mfa_add_webauthn", {}, None, "302 409 409 409 409 409 409 409 302 302"),
    ("mfa_add_webauthn", {}, {}, "302 409 409 409 409 409 409 409 302 302"),
    ("mfa_edit_webauthn", {"pk": "passkey"}, None, "302 404 404 404 404 404 404 302 302 302"),
    ("mfa_edit_webauthn", {"pk": "passkey"}, {"name": "b"},
                                                   "302 404 404 404 404 404 404 302 302 302"),
    ("mfa_remove_webauthn", {"pk": "passkey"}, None, "302 404 404 404 404 404 404 302 302 302"),
    ("mfa_remove_webauthn", {"pk": "passkey"}, {}, "302 404 404 404 404 404 404 302 302 302"),
    ("signin:sessions", {}, None, ALL),
    ("signin:sessions", {}, {}, ON),
    ("signin:session_end", {"session": "session"}, {}, "302 302 404 404 404 404 404 404 302 302"),
    ("signin:rules", {}, None, ALL),
    ("signin:rules", {}, RULE, "302 302 403 403 403 403 403 403 302 302"),
    ("signin:logins", {}, None, HEADS),
    ("signin:login", WHOSE, None, LOGIN),
    ("signin:links", WHOSE, {}, CHANGE),
    ("signin:switchings", WHOSE, {"on": "0", "reason": "离岗"}, CHANGE),
    ("signin:factor_removals", WHOSE, {"reason": "丢了手机"}, CHANGE),
    ("desk:permissions", {}, None, ALL),
    ("desk:person_sees", WHOSE, None, "302 200 403 404 404 200 404 404 302 302"),
]  # fmt: skip

DOORS = {
    "accounts:signin", "account_login", "mfa_authenticate", "mfa_login_webauthn", "signin:link",
    "signin:first_password",
}  # fmt: skip
"""Open to who is not signed in; they lead where the sign-in goes on."""

WITHOUT_FIELDS = {
    "account_login",  # another name of accounts:signin
    "mfa_authenticate", "mfa_login_webauthn", "signin:first_password", "mfa_activate_totp",
    "mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn", "mfa_edit_webauthn",
    "mfa_remove_webauthn", "signin:sessions", "signin:session_end", "signin:links",
    "signin:factor_removals",
}  # fmt: skip
"""Forms that a first step must come before, or without anything to type: tried in tests/app."""
