"""A firm that was there before its calendar gets the years whose notice came with the software."""

from django.db import migrations

from huiyin.accounts import calendar_notices as notices


def seed(apps, schema_editor):
    models = (apps.get_model("accounts", name) for name in ("Firm", "CalendarDay", "CalendarYear"))
    firms, days, years = (model.objects.using(schema_editor.connection.alias) for model in models)
    for calendar in firms.values_list("calendar", flat=True):
        for year in notices.published_years(calendar):
            notice = notices.published(calendar, year)
            days.bulk_create(
                days.model(
                    calendar=calendar,
                    day=each.day,
                    worked=each.worked,
                    name=each.name,
                    kind="makeup" if each.worked else "public",
                )
                for each in notice.days
            )
            years.create(calendar=calendar, year=year, source=notices.source_of(year))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_work_calendar")]

    operations = [
        # Going back drops the tables, and the days with them.
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
