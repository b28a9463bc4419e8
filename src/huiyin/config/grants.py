"""What the application's role may do, handed out after every migration."""

from django.apps import apps
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql


def grant_application_role(connection: BaseDatabaseWrapper) -> None:
    """Let the application read and write all tables, but only add to append-only ones.

    A model is append-only when its class says `append_only = True`. `connection` is the owner's.
    """
    role = sql.Identifier(settings.HUIYIN_APPLICATION_ROLE)
    statements = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(
            role
        ),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role),
        *(
            sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(
                sql.Identifier(table), role
            )
            for table in append_only_tables()
        ),
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def append_only_tables() -> list[str]:
    """The tables of models that say `append_only = True`, by name."""
    models = [m for m in apps.get_models() if getattr(m, "append_only", False)]
    return sorted(m._meta.db_table for m in models)
