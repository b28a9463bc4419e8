"""What can go wrong around the embedded PostgreSQL."""


class PostgresError(RuntimeError):
    """The server cannot be found, made, started or stopped; the message says what to do."""
