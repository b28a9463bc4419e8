"""What each way keeps: where an item came from, the answer or promise, the decision, the handling."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def person() -> models.ForeignKey:
    return models.ForeignKey(
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="accounts.person",
    )


FIELDS = {
    "at_visit": models.BooleanField(default=False),
    "safety": models.BooleanField(default=False),
    "topic": models.TextField(default=""),
    "complained_about": person(),
    "answered_at_once": models.BooleanField(default=False),
    "promised_reply_at": models.DateTimeField(null=True),
    "sorted_at": models.DateTimeField(null=True),
    "decision": models.TextField(
        choices=[("adopted", "采纳"), ("not_adopted", "不采纳")], default=""
    ),
    "decision_reason": models.TextField(default=""),
    "decided_by": person(),
    "decided_at": models.DateTimeField(null=True),
    "handling": models.TextField(default=""),
    "handled_by": person(),
    "handled_at": models.DateTimeField(null=True),
}
CONSTRAINTS = {
    "case_is_about_something": Q(subject__isnull=False) | Q(customer__isnull=False),
    "case_decided_says_how_and_by_whom": Q(decision="", decided_at=None, decided_by=None)
    | (~Q(decision="") & Q(decided_at__isnull=False, decided_by__isnull=False)),
    "case_handled_says_by_whom": Q(handled_at=None, handled_by=None)
    | Q(handled_at__isnull=False, handled_by__isnull=False),
}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_first_tables"),
        ("cases", "0003_every_kind_of_item"),
    ]

    operations = [
        *(
            migrations.AddField(model_name="case", name=name, field=field)
            for name, field in FIELDS.items()
        ),
        *(
            migrations.AddConstraint(
                model_name="case",
                constraint=models.CheckConstraint(name=name, condition=condition),
            )
            for name, condition in CONSTRAINTS.items()
        ),
        migrations.AddIndex(
            model_name="case", index=models.Index(fields=["raised_at"], name="case_raised")
        ),
    ]
