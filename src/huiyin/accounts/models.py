"""The firm and its people: who holds which position, where, from which day to which."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huiyin.accounts.calendar_models import CalendarDay as CalendarDay
from huiyin.accounts.calendar_models import CalendarYear as CalendarYear
from huiyin.accounts.fields import InclusiveDateRange
from huiyin.accounts.querysets import PersonQuerySet, PostQuerySet, UnitQuerySet
from huiyin.accounts.titles import title_of
from huiyin.ledger.models import Target


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None) -> User:
        user = self.model(username=self.model.normalize_username(username))
        user.set_password(password)
        user.save(using=self._db)
        return user

    create_superuser = create_user


class User(AbstractBaseUser):
    """A login: a name and a password. What it may do comes from the person behind it."""

    username = models.CharField(_("用户名"), max_length=60, unique=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []


class Firm(models.Model):
    """The firm: one row. `demo` and `trial` open without a sign-in wall and let people switch.

    `beat_at` is when planner and sweep last went through. It lies here because every request reads
    this row, so that every page can say that they have stopped.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=60, default="Asia/Shanghai")
    calendar = models.CharField(max_length=20, default="cn")
    end_of_work = models.TimeField(default=time(18))
    demo = models.BooleanField(default=False)
    trial = models.BooleanField(default=False)
    beat_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="accounts_firm_is_one"),
        ]

    @property
    def open_house(self) -> bool:
        """Whether pages open without signing in."""
        return self.demo or self.trial


class Unit(models.Model):
    """A part of the firm. `path` holds the ids from the root down ("/1/5/"), so that a sub-tree
    is one prefix; ids never change, so a path changes only when a unit moves.
    """

    target = models.OneToOneField(Target, models.PROTECT, primary_key=True, related_name="as_unit")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, default="zone")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=400)

    objects = UnitQuerySet.as_manager()

    class Meta:
        indexes = [
            # A prefix search needs the pattern operator class in any collation but C.
            models.Index(
                fields=["path"], name="accounts_unit_path", opclasses=["varchar_pattern_ops"]
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["path"], name="accounts_unit_path_once"),
            models.UniqueConstraint(
                fields=["parent", "name"], nulls_distinct=False, name="accounts_unit_name_once"
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("target")), name="accounts_unit_not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Somebody of the firm. No login is needed: a head records for his people.

    `left_on` is the last day in the firm, included.
    """

    target = models.OneToOneField(
        Target, models.PROTECT, primary_key=True, related_name="as_person"
    )
    name = models.CharField(max_length=40)
    number = models.CharField(max_length=20, unique=True)
    user = models.OneToOneField(User, models.SET_NULL, null=True, related_name="person")
    left_on = models.DateField(null=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["name"], name="accounts_person_name")]

    def __str__(self) -> str:
        return self.name


class Position(models.Model):
    """A position of the firm, and how far its holder sees from his unit.

    `leads`: over what he sees of units he also leads: cases, assignments, releases, leave.
    `governs`: held at the root, it also gives the firm its rules: people, logins, policies.
    """

    class Scope(models.TextChoices):
        OWN = "own", _("本人经办")
        UNIT = "unit", _("本单位")
        TREE = "tree", _("本单位及下级")

    code = models.CharField(max_length=40, primary_key=True)
    title = models.CharField(max_length=40)
    title_en = models.CharField(max_length=80, blank=True, db_default="")
    scope = models.CharField(max_length=4, choices=Scope, default=Scope.OWN)
    leads = models.BooleanField(default=True)
    governs = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=["own", "unit", "tree"]), name="accounts_position_scope"
            ),
            models.UniqueConstraint(fields=["title"], name="accounts_position_title_once"),
            models.CheckConstraint(
                condition=Q(governs=False) | Q(scope="tree", leads=True),
                name="accounts_position_governs",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """Its title in the language of the page."""
        return title_of(self.title, self.title_en)


class Post(models.Model):
    """A person in a position in a unit, from a day to a day, both included, in the firm's zone.

    Nobody holds the same position in the same unit twice at once: the database refuses it.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts")
    position = models.ForeignKey(Position, models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts")
    from_on = models.DateField()
    to_on = models.DateField(null=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["position", "unit"], name="accounts_post_holders"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="accounts_post_days"
            ),
            ExclusionConstraint(
                name="accounts_post_no_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("position", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    (
                        InclusiveDateRange(
                            "from_on",
                            "to_on",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]


class Leave(models.Model):
    """Days on which a person is away, both included; `deputy` stands in for him meanwhile."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="leaves")
    from_on = models.DateField()
    to_on = models.DateField()
    deputy = models.ForeignKey(Person, models.PROTECT, null=True, related_name="stands_in")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__gte=F("from_on")), name="accounts_leave_days"
            ),
            models.CheckConstraint(
                condition=Q(deputy=None) | ~Q(deputy=F("person")),
                name="accounts_leave_deputy_is_another",
            ),
            ExclusionConstraint(
                name="accounts_leave_no_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (
                        InclusiveDateRange(
                            "from_on",
                            "to_on",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
