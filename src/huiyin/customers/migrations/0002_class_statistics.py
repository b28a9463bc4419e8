"""The server knows how common a class is where a policy's condition asks for it; reversible."""

from django.db import migrations

# As `obligations.matching.filled` asks.
STATISTICS = """
CREATE STATISTICS customer_class_filled
ON (NULLIF(TRIM(BOTH FROM customer_class), '')) FROM customers_customer
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_tables")]

    operations = [migrations.RunSQL(STATISTICS, "DROP STATISTICS customer_class_filled")]
