"""Django's settings. What a firm may change comes from HUIYIN_* variables and nothing else."""

from pathlib import Path

from huiyin.config import database, importers, keys
from huiyin.config.environment import command, data_home, flag, number, text, web_address
from huiyin.config.lan.authority import authority_file
from huiyin.config.signin import *  # noqa: F403

PACKAGE = Path(__file__).resolve().parent.parent

# Bottom up, as in the house: an app knows only those above its own line here.
LAYERS = (
    "core",
    "ui",
    "ledger",
    "accounts",
    "notices",
    "imports",
    "adoption",
    "obligations",
    "records",
    "customers",
    "subjects",
    "cases",
    "followups",
    "insights",
    "desk",
)


def _shipped_packs() -> Path:
    """Inside an installed package, beside `src` in a checkout."""
    inside = PACKAGE / "packs"
    return inside if inside.is_dir() else PACKAGE.parent.parent / "packs"


DEBUG = flag("HUIYIN_DEBUG")
SECRET_KEY = keys.secret_key()
ALLOWED_HOSTS = text("HUIYIN_HOSTS", default="127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in text("HUIYIN_ORIGINS").split(",") if o]

HUIYIN_DATA = data_home()
HUIYIN_COMMAND = command()
HUIYIN_KEY_FILE = keys.key_file()
HUIYIN_BACKUP_FOLDER = text("HUIYIN_BACKUP_FOLDER")  # "": no nightly backups
# Asked after every tick; "": nobody outside listens.
HUIYIN_PING_URL = web_address("HUIYIN_PING_URL")
# Entered so much later than done, a record takes a reason.
HUIYIN_LATE_REASON_HOURS = number("HUIYIN_LATE_REASON_HOURS", default=24)
HUIYIN_LAN = text("HUIYIN_LAN")  # where phones reach the house in this run; "": nowhere
HUIYIN_LAN_AUTHORITY = authority_file(HUIYIN_DATA)
HUIYIN_PACKS = Path(text("HUIYIN_PACKS") or _shipped_packs())

HUIYIN_IMPORTERS = importers.KNOWN

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    *(f"huiyin.{layer}" for layer in LAYERS),
    "huiyin.accounts.signin",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "huiyin.config.headers.SecureHeadersMiddleware",
    "huiyin.config.probe.ProbeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "huiyin.core.once.OnePageMiddleware",
    "huiyin.core.http.ErrorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "huiyin.accounts.middleware.PersonMiddleware",
    "huiyin.accounts.signin.middleware.SignInMiddleware",
    "huiyin.core.submissions.SubmissionMiddleware",
]

ROOT_URLCONF = "huiyin.config.urls"
WSGI_APPLICATION = "huiyin.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["huiyin.ui.templatetags.submission"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huiyin.desk.context.rooms",
                "huiyin.desk.context.first_steps",
                "huiyin.desk.list_tools.tools",
                "huiyin.accounts.context.signed_in",
            ],
        },
    },
]

DATABASES = {"default": database.configured()}
# The application may only add to append-only tables; migrations hand out these rights.
HUIYIN_APPLICATION_ROLE = database.django_settings(database.address("application"))["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
# Each language is named in itself.
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
# The zone of a firm that has not named its own yet.
TIME_ZONE = text("HUIYIN_TIME_ZONE", default="Asia/Shanghai")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HUIYIN_DATA / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HUIYIN_DATA / "files", "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# `huiyin web` collects and hashes the files; where that was not done names stay plain.
if (STATIC_ROOT / "staticfiles.json").exists() or flag("HUIYIN_COLLECT"):
    STORAGES["staticfiles"] = {"BACKEND": "huiyin.config.static.HashedStorage"}

SESSION_COOKIE_NAME = keys.cookie_name("sessionid", secret=SECRET_KEY)
CSRF_COOKIE_NAME = keys.cookie_name("csrftoken", secret=SECRET_KEY)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False  # htmx sends the token from the page, scripts from the cookie
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# X-Frame-Options is set by our own middleware, together with the other headers.
SILENCED_SYSTEM_CHECKS = ["security.W002"]
# Granian itself speaks TLS to phones; what serves the loopback address is another process.
if flag("HUIYIN_TLS"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
# Behind a proxy that ends TLS; a clerk's laptop serves itself without.
if flag("HUIYIN_HTTPS"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024  # a drawn signature and a form; files stream to disk
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_ON_APP_READY = "huiyin.config.periodic.register"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": text("HUIYIN_LOG_LEVEL", default="WARNING")},
}
