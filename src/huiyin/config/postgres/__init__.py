"""The embedded PostgreSQL: which programs, as which account, started and stopped by whom."""

from huiyin.config.postgres.cluster import Cluster
from huiyin.config.postgres.errors import PostgresError

__all__ = ["Cluster", "PostgresError"]
