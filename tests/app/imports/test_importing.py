"""Rows become repairs and facts: once, in their order, with their own times."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from huiyin.accounts import services as accounts
from huiyin.core.errors import Conflict
from huiyin.core.health import Look, broken
from huiyin.imports.exporting import inert, write_refusals
from huiyin.imports.importer import Candidate, Judged, Occasion
from huiyin.imports.models import ImportBatch
from huiyin.imports.queries import refusals, summary
from huiyin.imports.services import apply, import_file, stage
from huiyin.ledger import services as ledger
from huiyin.ledger.models import Fact, Target
from huiyin.obligations.models import Obligation
from huiyin.subjects.importing import IMPORTER, SubjectImporter
from huiyin.subjects.models import Subject
from huiyin.subjects.services import record_event
from tests.app.imports.estate import HEADER, MAP, bring_in, counts, order
from tests.people import SmallFirm

pytestmark = pytest.mark.django_db

LEAK = "WX-1,㐂园,水管漏水,P4,2026-02-27 08:00,2026-02-28 23:30\n"
SAFETY = "WX-2,𠮷庆里,安全设施,庚维修,2026-02-27 08:00,2026-02-28 09:00\n"
OPEN = "WX-3,一区,其他,丁维修,2026-03-01 10:00,\n"


@pytest.fixture
def firm(adopted: SmallFirm) -> SmallFirm:
    return adopted


def completions() -> list[tuple[str, datetime]]:
    facts = Fact.objects.filter(kind="repair.completed").order_by("id").select_related("target")
    return [(fact.target.label, fact.happened_at) for fact in facts]


def codes(batch: ImportBatch) -> dict[int, str]:
    return dict(batch.rows.filter(outcome="refused").values_list("number", "code"))


def test_rows_become_repairs_with_their_own_times(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    batch = bring_in(tmp_path, LEAK + SAFETY + OPEN, now=now)

    assert counts(batch) == (3, 0, 0)
    leak = Subject.objects.select_related("target").get(number="WX-1")
    assert leak.target.unit_id == firm.zone_one.pk
    assert leak.fields["category"] == "leak"
    assert leak.fields["repairer"] == firm.repairer.pk
    assert leak.created_at == datetime(2026, 2, 27, 0, 0, tzinfo=UTC)
    fact = Fact.objects.get(kind="repair.completed", target=leak.pk)
    assert fact.happened_at == datetime(2026, 2, 28, 15, 30, tzinfo=UTC)
    assert fact.recorded_at == now
    assert fact.source == f"import:{batch.pk}:2"
    assert fact.values == {"repair.category": "leak", "repair.repairer": firm.repairer.pk}


def test_facts_are_recorded_in_the_order_in_which_they_happened(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    bring_in(tmp_path, LEAK + SAFETY, now=now)

    assert [number for number, _at in completions()] == ["WX-2", "WX-1"]


def test_live_rows_open_what_history_does_not(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    bring_in(tmp_path, SAFETY, now=now, mode="history")
    assert not Obligation.objects.exists()

    bring_in(tmp_path, LEAK, now=now, mode="live")

    dues = set(Obligation.objects.values_list("target__label", "due_at"))
    # Three days, the day of completion not counted, to the end of 3 March in Shanghai.
    assert dues == {("WX-1", datetime(2026, 3, 3, 16, 0, tzinfo=UTC))}


def test_a_dry_run_tells_the_same_and_writes_nothing(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    content = LEAK + SAFETY + OPEN + "WX-9,火星,其他,P4,2026-02-27,\n"
    before = Fact.objects.count(), Target.objects.count()

    tried = bring_in(tmp_path, content, now=now, dry_run=True)

    assert (Fact.objects.count(), Target.objects.count()) == before
    assert tried.state == "staged"
    assert counts(tried) == (3, 1, 0)
    done = bring_in(tmp_path, content, now=now)
    assert done.state == "applied"
    assert counts(done) == counts(tried)


def test_a_second_run_changes_nothing(firm: SmallFirm, tmp_path: Path, now: datetime) -> None:
    bring_in(tmp_path, LEAK + SAFETY + OPEN, now=now)
    before = Fact.objects.count(), Target.objects.count(), Obligation.objects.count()

    again = bring_in(tmp_path, LEAK + SAFETY + OPEN, now=now + timedelta(days=1))

    assert counts(again) == (0, 0, 3)
    assert (Fact.objects.count(), Target.objects.count(), Obligation.objects.count()) == before


def test_a_later_export_adds_the_completion_of_an_open_repair(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    bring_in(tmp_path, OPEN, now=now)
    done = OPEN.replace("10:00,", "10:00,2026-03-02 08:00")

    later = bring_in(tmp_path, done, now=now)

    assert counts(later) == (1, 0, 0)
    assert Subject.objects.count() == 1
    assert [number for number, _at in completions()] == ["WX-3"]
    assert counts(bring_in(tmp_path, OPEN, now=now)) == (0, 0, 1)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("23:30", "23:31", "完工时间"),
        ("㐂园", "二区", "楼栋"),
        ("水管漏水", "其他", "类别"),
        ("P4", "戊维修", "维修人员"),
        ("08:00", "08:01", "报修时间"),
    ],
)
def test_a_changed_row_is_refused_and_never_doubles(
    firm: SmallFirm, tmp_path: Path, now: datetime, old: str, new: str, column: str
) -> None:
    bring_in(tmp_path, LEAK, now=now)
    before = Fact.objects.count()

    changed = bring_in(tmp_path, LEAK.replace(old, new), now=now)

    assert codes(changed) == {2: "changed"}
    [refusal] = refusals(changed)
    assert refusal.column == column
    assert "撤销" in refusal.remedy
    assert Fact.objects.count() == before


def test_a_voided_completion_makes_room_for_another_but_not_for_itself(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    bring_in(tmp_path, LEAK, now=now)
    fact = Fact.objects.get(kind="repair.completed")
    ledger.void(fact.pk, by=firm.supervisor.pk, reason="录错时间", now=now)

    again = bring_in(tmp_path, LEAK, now=now)
    other = bring_in(tmp_path, LEAK.replace("23:30", "22:30"), now=now)

    assert codes(again) == {2: "voided"}
    assert counts(other) == (1, 0, 0)


def test_each_refused_row_names_its_reason(firm: SmallFirm, tmp_path: Path, now: datetime) -> None:
    wrong = {
        "WX-1,㐂园,水管漏水,P4,2026-02-27,2026-02-26\n": "order",
        "WX-2,火星,其他,P4,2026-02-27,\n": "unknown_unit",
        "WX-3,一区,其他,没有的人,2026-02-27,\n": "unknown_person",
        "WX-9,一区,其他,己物管,2026-02-27,\n": "field",
        "WX-10,一区,其他,庚维修,2026-02-27,\n": "field",
        "WX-4,一区,别的,P4,2026-02-27,\n": "choice",
        "WX-5,一区,,P4,2026-02-27,\n": "empty",
        ",一区,其他,P4,2026-02-27,\n": "empty",
        "WX-7,一区,其他,P4,2026/2/30,\n": "no_such_date",
        "WX-8,一区,其他,P4,2026-02-27,2026-03-09\n": "future",
        f"{'9' * 81},一区,其他,P4,2026-02-27,\n": "too_long",
    }

    batch = bring_in(tmp_path, "".join(wrong), now=now)

    assert codes(batch) == dict(enumerate(wrong.values(), 2))
    assert all(row.problem and row.remedy for row in refusals(batch))
    assert not Subject.objects.exists()
    assert summary(batch)["refused_by"]["empty"] == 2


def without_own_words() -> str:
    """The map, but that it does not say which order of moments is wrong."""
    return MAP.partition("refuse:")[0]


@pytest.mark.parametrize("mode", ["live", "history"])
def test_a_completion_before_its_report_is_refused_whatever_the_map_says(
    firm: SmallFirm, tmp_path: Path, now: datetime, mode: str
) -> None:
    path = tmp_path / "repairs.csv"
    rows = (
        "WX-1,一区,其他,P4,2026/2/27 9:30,2026/2/26 10:00\n"
        "WX-2,一区,其他,P4,2026-02-27 09:30,2026-02-27 09:30\n"
    )
    path.write_text(HEADER + rows, encoding="utf-8")

    batch = import_file(
        order(path, text=without_own_words(), mode=mode), importer=IMPORTER, now=now
    )

    assert counts(batch) == (1, 1, 0)
    [refusal] = refusals(batch)
    assert (refusal.row, refusal.column, refusal.value) == (2, "完工时间", "2026/2/26 10:00")
    assert refusal.problem == "不能早于登记时间（2026-02-27 09:30）"
    assert refusal.remedy
    assert [number for number, _at in completions()] == ["WX-2"]


def test_a_completion_that_is_added_later_is_not_before_the_report_either(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    bring_in(tmp_path, OPEN, now=now)
    path = tmp_path / "done.csv"
    path.write_text(
        "工单号,类别,维修人员,完工时间\nWX-3,其他,P4,2026-02-28 10:00\n", encoding="utf-8"
    )
    text = without_own_words().replace(
        "  unit: {column: 楼栋, values: {㐂园: 一区, 𠮷庆里: 二区}}\n", ""
    )
    text = text.replace("  created: {column: 报修时间}\n", "")

    batch = import_file(order(path, text=text), importer=IMPORTER, now=now)

    assert codes(batch) == {2: "too_early"}
    assert not completions()


def test_a_repair_whose_report_no_column_tells_stands_at_its_completion(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    bring_in(tmp_path, "WX-1,一区,其他,P4,,2026-02-28 09:00\n", now=now)
    me, subject = firm.manager.pk, Subject.objects.with_last_event().get()

    with pytest.raises(Conflict):
        record_event(subject, "completed", happened_at=now, by=me, recorded_by=me, now=now)

    assert subject.event == "repair.completed"
    assert len(completions()) == 1


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("23:30", "23:31", ("2026-02-28 23:31", "系统里已有不同的值（2026-02-28 23:30）")),
        ("08:00", "08:01", ("2026-02-27 08:01", "系统里已有不同的值（2026-02-27 08:00）")),
        ("水管漏水", "其他", ("其他", "系统里已有不同的值（漏水）")),
        ("P4", "戊维修", ("戊维修", "系统里已有不同的值")),
        ("2026-02-28 23:30", "2026/12/23 10:00", ("2026/12/23 10:00", "时间在将来")),
        (
            "2026-02-28 23:30",
            "2026-02-26 9:00",
            ("2026-02-26 9:00", "与另一列矛盾（完工早于报修）"),
        ),
    ],
)
def test_a_refused_value_is_shown_as_it_was_written_and_moments_in_the_firms_zone(
    firm: SmallFirm, tmp_path: Path, now: datetime, old: str, new: str, shown: tuple[str, str]
) -> None:
    bring_in(tmp_path, LEAK, now=now)

    [refusal] = refusals(bring_in(tmp_path, LEAK.replace(old, new), now=now))

    assert (refusal.value, refusal.problem) == shown


def test_what_contradicts_another_column_names_what_stands_there(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "repairs.csv"
    path.write_text(HEADER + LEAK.replace("02-28", "02-26"), encoding="utf-8")
    text = MAP.replace(", because: 完工早于报修", "")

    [refusal] = refusals(import_file(order(path, text=text), importer=IMPORTER, now=now))

    assert refusal.problem == "与另一列矛盾（报修时间 2026-02-27 08:00）"


def test_a_number_twice_in_a_file(firm: SmallFirm, tmp_path: Path, now: datetime) -> None:
    batch = bring_in(tmp_path, LEAK + LEAK + LEAK.replace("23:30", "23:31"), now=now)

    assert counts(batch) == (1, 1, 1)
    assert codes(batch) == {4: "repeated"}
    assert len(completions()) == 1


def test_persons_of_one_name_are_told_apart_by_number(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    type(firm.repairer).objects.filter(pk=firm.second_repairer.pk).update(name="丁维修")

    batch = bring_in(tmp_path, OPEN + OPEN.replace("WX-3", "WX-4").replace("丁维修", "P5"), now=now)

    assert codes(batch) == {2: "several_persons"}
    assert Subject.objects.get().fields["repairer"] == firm.second_repairer.pk


class FailsAtTheEnd(SubjectImporter):
    def apply(self, rows: list[Judged], *, occasion: Occasion) -> None:
        super().apply(rows, occasion=occasion)
        raise RuntimeError("the disk is full")


def test_an_import_that_fails_has_no_effect(firm: SmallFirm, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "repairs.csv"
    path.write_text(HEADER + LEAK, encoding="utf-8")
    before = Fact.objects.count(), Target.objects.count()

    with pytest.raises(RuntimeError):
        import_file(order(path), importer=FailsAtTheEnd(), now=now)

    assert (Fact.objects.count(), Target.objects.count()) == before
    assert ImportBatch.objects.get().state == "failed"
    assert counts(import_file(order(path), importer=IMPORTER, now=now)) == (1, 0, 0)


def test_an_interrupted_staging_is_taken_up_where_it_stopped(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "repairs.csv"
    path.write_text(HEADER + LEAK + SAFETY + OPEN, encoding="utf-8")
    batch = stage(order(path), importer=IMPORTER, now=now)
    ImportBatch.objects.filter(pk=batch.pk).update(state="staging")
    batch.rows.filter(number=4).delete()
    kept = set(batch.rows.values_list("pk", flat=True))

    done = import_file(order(path), importer=IMPORTER, now=now)

    assert done.pk == batch.pk
    assert counts(done) == (3, 0, 0)
    assert kept < set(done.rows.values_list("pk", flat=True))


def test_a_batch_is_applied_once(firm: SmallFirm, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "repairs.csv"
    path.write_text(HEADER + LEAK, encoding="utf-8")
    batch = stage(order(path), importer=IMPORTER, now=now)
    assert broken(Look(now, full=True)) == []
    apply(batch, importer=IMPORTER, now=now)

    with pytest.raises(Conflict):
        apply(batch, importer=IMPORTER, now=now)

    assert len(completions()) == 1
    assert batch.rows.get().outcome == "accepted"


def test_units_of_one_name_and_unknown_customers_are_refused(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    accounts.create_unit("3栋", parent=firm.zone_one, by=None, now=now)
    accounts.create_unit("3栋", parent=firm.zone_two, by=None, now=now)
    path = tmp_path / "repairs.csv"
    path.write_text(
        "工单号,楼栋,住户,类别,维修人员\nA,3栋,,漏水,P4\nB,一区,3栋1202,漏水,P4\n", encoding="utf-8"
    )
    text = MAP.split("  created:")[0] + "  customer: {column: 住户}\n"

    batch = import_file(order(path, text=text), importer=IMPORTER, now=now)

    assert codes(batch) == {2: "several_units", 3: "unknown_customer"}


def test_judging_asks_the_database_no_more_for_many_rows(
    firm: SmallFirm,
    tmp_path: Path,
    now: datetime,
    django_assert_num_queries: pytest.FixtureRequest,
) -> None:
    occasion = Occasion("repair", True, None, now, "import:1")
    row = {"number": "", "unit": "一区", "repair.category": "other", "repair.repairer": "P4"}
    for rows in (1, 100):
        candidates = [Candidate(n, row | {"number": f"WX-{n}"}) for n in range(rows)]
        with django_assert_num_queries(8, exact=False):
            IMPORTER.judge(candidates, occasion=occasion)


def test_refused_rows_leave_as_files_that_calculate_nothing(
    firm: SmallFirm, tmp_path: Path, now: datetime
) -> None:
    from python_calamine import CalamineWorkbook

    batch = bring_in(tmp_path, "WX-1,=1+1,其他,P4,2026-02-27,\n", now=now)

    assert write_refusals(batch, tmp_path / "e.csv") == 1
    assert write_refusals(batch, tmp_path / "e.xlsx") == 1
    text = (tmp_path / "e.csv").read_bytes().decode("utf-8-sig")
    sheet = CalamineWorkbook.from_path(str(tmp_path / "e.xlsx")).get_sheet_by_index(0).to_python()
    assert "2,楼栋,'=1+1,没有这个单位" in text
    assert sheet[1][:3] == [2.0, "楼栋", "'=1+1"]
    for start in "=+-@\t\r＝＋－＠":
        assert inert(f"{start}1") == f"'{start}1"
    assert inert("1-1") == "1-1"
