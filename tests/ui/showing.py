"""Shows every piece on a few pages, served with the real CSP, for tests and for looking at."""

import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib.staticfiles import finders
from django.template.backends.django import DjangoTemplates
from django.template.loader import render_to_string
from django.test import RequestFactory

from huiyin.config.headers import POLICY

PAGES = Path(__file__).parent / "gallery"
ROOMS = (
    ("today", "今日", "list-checks", 4), ("customers", "客户", "users", 0),
    ("list", "维修单", "wrench", 0), ("case", "问题", "flag", 1),
    ("policy", "制度", "scale", 0), ("settings", "设置", "settings", 0),
)  # fmt: skip
PEOPLE = (("1", "秦望", "主管"), ("2", "陆一帆", "维修负责人"), ("3", "纪若水", "物管员"))
REPAIRS = (
    ("WX-0817", "3栋1202", "漏水", "11月20日 08:12", "overdue", "6 小时", "120.00"),
    ("WX-0816", "5栋0602", "漏水", "11月20日 15:40", "due", "今天", "0.00"),
    ("WX-0815", "2栋0701", "水电", "11月16日 10:05", "due", "今天", "35.00"),
    ("WX-0811", "1栋0304", "安全设施", "11月19日 09:30", "met", "", "0.00"),
    ("WX-0807", "6栋1103", "其他", "11月12日 14:22", "late", "2 小时", "60.00"),
    ("WX-0802", "6栋0201", "其他", "11月11日 11:00", "waived", "", "0.00"),
)
ERRORS = {
    "repaired": ["请选择一项。"],
    "service": ["请选择一项。"],
    "visited": ["请签名，或勾选不愿签名并写明缘由。"],
}
LABELS = {
    "repaired": "实地查看维修项目",
    "service": "维修人员服务",
    "visited": "接受回访的人签名",
}


def context(page: str) -> dict[str, Any]:
    moment = datetime(2026, 11, 23, 2, 5, tzinfo=UTC)
    return {
        "rooms": [
            {"key": k, "title": t, "url": f"/{k}", "icon": i, "count": c, "current": k == page}
            for k, t, i, c in ROOMS
        ],
        "signed_in": {"id": "1", "name": "秦望", "role": "主管"},
        "switch_people": [
            {"id": i, "name": n, "role": r, "current": i == "1"} for i, n, r in PEOPLE
        ],
        "points": [
            {"value": v, "tone": "late" if v < 0.8 else "met", "title": f"{v:.0%}"}
            for v in (0.9, 0.95, 0.6, 0.92, 1, 0.97)
        ]
        + [{"value": None, "tone": "", "title": "无事"}, {"value": 0.5, "tone": "due"}],
        "repaired": (("yes", "已修好"), ("partly", "部分"), ("no", "未修好")),
        "marks": [(str(n), str(n)) for n in range(1, 6)],
        "charge": (("right", "相符"), ("wrong", "不符"), ("free", "免费")),
        "present": (("owner", "业主本人"), ("family", "家里人或租户"), ("none", "维修时都不在场")),
        "people": PEOPLE,
        "categories": (("leak", "漏水"), ("safety", "安全设施")),
        "repairs": REPAIRS,
        "steps": [
            {"title": "已提出", "state": "done", "note": "11月22日 16:20"},
            {"title": "已通知", "state": "next", "note": "今天 16:20 前", "url": "#",
             "action": "开通知单"},
            {"title": "已整改", "state": "later", "note": ""},
            {"title": "已复访", "state": "later", "note": "由另一人复访"},
            {"title": "已关闭", "state": "missing", "note": "缺答复"},
        ],
        "events": [
            {"at": moment, "title": "提醒已送达", "by": "秦望", "icon": "bell", "tone": "due"},
            {"at": moment, "title": "提出问题", "text": "灯不亮，住户夜里摸黑。", "by": "陆一帆",
             "icon": "flag", "tone": "late", "url": "#", "clause": "B.4.a"},
            {"at": moment, "title": "维修完工", "by": "纪若水", "icon": "wrench"},
        ],
        "facts": [("编号", "WT-0031"), ("住户", "3栋1202"), ("来源", "维修回访"),
                  ("维修人员", "纪若水"), ("答复", "")],
        "clauses": [{"id": "C.1.4.c", "text": "每件事要有结果、有答复。", "url": "#"}],
        "given": {}, "errors": {}, "labels": LABELS,
    }  # fmt: skip


def templates() -> DjangoTemplates:
    """The pieces without the product's context processors, which would ask a database."""
    processors = ["django.template.context_processors.request"]
    return DjangoTemplates(
        {
            "NAME": "gallery",
            "DIRS": [PAGES],
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": processors},
        }
    )


def page(name: str, **more: Any) -> str:
    given = context(name) | more
    return templates().get_template(f"{name}.html").render(given, RequestFactory().get(f"/{name}"))


def piece(source: str, **variables: Any) -> str:
    """`source` with the tags loaded."""
    return templates().from_string("{% load ui %}" + source).render(variables)


def whole(template: str, **variables: Any) -> str:
    return templates().get_template(template).render(variables, RequestFactory().get("/"))


@dataclass
class Server:
    url: str
    posts: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Server]:
    """The gallery on a free port of this machine; what is posted is kept in `posts`."""
    web = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    web.shown = Server(f"http://127.0.0.1:{web.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    try:
        yield web.shown  # type: ignore[attr-defined]
    finally:
        web.shutdown()
        web.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        path = urlsplit(self.path).path.strip("/") or "today"
        if path.startswith("static/"):
            return self._static(path.removeprefix("static/"))
        if path == "errors":
            return self._html(page("record", errors=ERRORS), 422)
        if not (PAGES / f"{path}.html").exists():
            return self._missing()
        return self._html(page(path))

    def _static(self, name: str) -> None:
        if name.startswith("vendor/noto-"):
            # Every test begins with an empty cache: dozens of fonts would take most of its time.
            return self._answer(b"", "text/css")
        found = finders.find(name)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return self._answer(Path(found).read_bytes(), kind) if found else self._missing()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path.strip("/")
        is_form = "urlencoded" in self.headers.get("Content-Type", "")
        sent = parse_qs(body.decode()) if is_form else {"body": [body.decode("latin-1")]}
        self.server.shown.posts.append((path, sent))  # type: ignore[attr-defined]
        if path == "reveal":
            shown = {"masked": "138••••2046", "reveal_url": "/reveal", "number": "13800002046"}
            return self._html(render_to_string("ui/_phone.html", shown))
        if path == "save":
            return self._html(page("saved"))
        return self._answer(b"", "text/plain", 204)

    def _html(self, text: str, status: int = 200) -> None:
        self._answer(text.encode(), "text/html; charset=utf-8", status)

    def _missing(self) -> None:
        self._html(whole("404.html"), 404)

    def _answer(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """A test's own output is enough."""
