"""A database function that Django does not know."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models


class InclusiveDateRange(models.Func):
    """The days from one to another; the bounds say whether both count. No last day: open."""

    function = "DATERANGE"
    output_field = DateRangeField()
