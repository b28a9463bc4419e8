"""How people sign in: what of django-allauth is used, and how. Read by `settings`."""

from huiyin.config.environment import flag, number

LOGIN_URL = "/signin/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/signin/"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["huiyin.accounts.signin.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "huiyin.accounts.signin.passwords.LengthValidator"},
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
]

# A login is a name and a password; no mail is needed, and nobody signs himself up.
ACCOUNT_ADAPTER = "huiyin.accounts.signin.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Failures alone count against the second and third; the first keeps machines from trying at all.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "30/15m/ip,5/15m/key"}
# With a proxy that ends TLS the address of whoever asks is the last that it names.
ALLAUTH_TRUSTED_PROXY_COUNT = number("HUIYIN_PROXIES", default=1 if flag("HUIYIN_HTTPS") else 0)

MFA_ADAPTER = "huiyin.accounts.signin.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
# A code typed at the end of its half minute still counts in the next.
MFA_TOTP_TOLERANCE = 1

# Limits and used codes count over all web processes, so they cannot lie in one of them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
