from datetime import timedelta
import pytest
from huiyin.records.printing.papers import Imprint
from huiyin.records import services, access
from huiyin.records.models import Record
from tests.app import scene as on

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_look(now):
    place = on.scene(now)
    f = place.firm
    case = on.case_of(place, on.completed(place), now + HOUR)
    visit = Record.objects.get()
    case = on.notice(case, f.repair_lead, now + 2 * HOUR)
    v = f.viewer(f.manager)
    imp = lambda h: Imprint(f.manager, v, now + h * HOUR, "http://192.168.1.20:8000/")

    def p(name, ids, h):
        open(f"/tmp/tt/{name}.pdf", "wb").write(
            services.print_records(access.for_printing(v, ids), imp(h))
        )

    p("visit", [visit.pk], 3)
    p("notice1", [case.notice_id], 3)
    open("/tmp/tt/blank.pdf", "wb").write(services.print_empty("repair_visit", imp(3)))
    open("/tmp/tt/blankn.pdf", "wb").write(services.print_empty("rectification_notice", imp(3)))
    case = on.handed_over(case, f.repair_lead, now + 4 * HOUR)
    p("notice2", [case.notice_id], 5)
    case = on.rectified(case, now + 6 * HOUR)
    on.visit(case.pk, f.manager, now + 7 * HOUR)
    p("notice3", [case.notice_id], 8)
    p("all", list(Record.objects.values_list("pk", flat=True)), 9)
