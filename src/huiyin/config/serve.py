"""`huiyin serve`: the whole house on one machine, as one process that minds the others.

database → migrations → demo estate if asked → web and worker as children. A child that dies is
started again; one that keeps dying stops the house. Ctrl-C or SIGTERM stops everything in order.

With `--lan` more web children serve phones over TLS, each at one address of this machine. They are
processes of their own because their cookies are for TLS alone, and those of the loopback address,
which speaks plain HTTP as ever, cannot be.
"""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from huiyin.config import database
from huiyin.config.environment import data_home, number, text
from huiyin.config.lan.serving import Lan, NoLan, addresses_for, has_changed, open_lan
from huiyin.config.postgres import PostgresError
from huiyin.config.processes import die_with_parent
from huiyin.core import clock
from huiyin.core.terminal import gettext as _

STOP_PATIENCE = 15.0  # seconds a child gets to end its work
START_PATIENCE = 120.0  # seconds until the first page must answer
RESTARTS, RESTART_WINDOW = 5, 60.0  # a child that dies this often in so many seconds is broken
LAN_LOOK = 60.0  # seconds between two looks at the network and the certificate's end
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Stopped(Exception):
    """Somebody asked the house to stop."""


class Broken(RuntimeError):
    """A part of the house does not run; the message names it."""


@dataclass
class Child:
    """One process of the house and how often it had to be started.

    The house goes on without one that is `for_phones`: a cable may be out.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    for_phones: bool = False
    process: subprocess.Popen[bytes] | None = None
    starts: deque[float] = field(default_factory=deque)

    def start(self) -> None:
        self.starts.append(time.monotonic())
        self.process = _spawn(self.arguments, self.environment)

    def mind(self) -> None:
        """Start the process again if it died; raises Broken when that does not help."""
        if self.process is None or self.process.poll() is None:
            return
        while self.starts and time.monotonic() - self.starts[0] > RESTART_WINDOW:
            self.starts.popleft()
        if len(self.starts) >= RESTARTS and self.for_phones:
            _say(_("%s起不来，其余照常运行") % self.name)
            self.process = None
            return
        if len(self.starts) >= RESTARTS:
            raise Broken(
                _("%(name)s在 %(seconds)d 秒内退出了 %(times)d 次")
                % {"name": self.name, "seconds": RESTART_WINDOW, "times": RESTARTS}
            )
        _say(
            _("%(name)s退出了（状态 %(status)s），正在重新启动")
            % {"name": self.name, "status": self.process.returncode}
        )
        self.start()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve(*, host: str, port: int, demo: str | None, lan: str | None = None) -> int:
    """Run the house until it is told to stop. Returns the exit status.

    `lan` names the addresses at which phones reach it, "" means all private ones, None none.
    """
    # A terminal without Chinese must not bring the house down.
    sys.stdout.reconfigure(line_buffering=True, errors="replace")  # type: ignore[union-attr]
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    children: list[Child] = []
    try:
        _refuse_address(host, port, lan=lan)
        _say(_("数据库"))
        with database.server():
            try:
                phones = _open_lan(lan, port)
                _prepare(demo)
                _run(children, host=host, port=port, wanted=lan, phones=phones)
            finally:
                # A second Ctrl-C must not leave half of the house standing.
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                _stop_all(children)
    except Stopped:
        pass
    except (Broken, NoLan, PostgresError) as error:
        print(f"huiyin serve: {error}", file=sys.stderr)
        return 1
    _say(_("已停止"))
    return 0


def run_granian(*, host: str, port: int, threads: int, certificate: Path | None = None) -> None:
    """Serve the pages until SIGTERM; Django is loaded in granian's own processes.

    With a certificate it speaks TLS; its file holds the key, too.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "huiyin.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=number("HUIYIN_WEB_WORKERS", default=min(2, os.cpu_count() or 1)),
        blocking_threads=threads,
        ssl_cert=certificate,
        ssl_key=certificate,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    ).serve()


def _refuse_address(host: str, port: int, *, lan: str | None) -> None:
    if lan is not None and host not in LOOPBACK:
        raise Broken(_("--lan 与 --host %s 会把页面开放两次，请去掉其中一个") % host)
    if host not in LOOPBACK and not text("HUIYIN_HOSTS"):
        raise Broken(
            _(
                "--host %s 会把页面开放给别人；请写明浏览器要用的主机名，例如 HUIYIN_HOSTS="
                "192.168.1.20,huiyin.firm.example；本网络的手机用 --lan 就够了"
            )
            % host
        )
    _refuse_taken(host, port)
    for address in addresses_for(lan) if lan is not None else ():
        _refuse_taken(address, port)
        _refuse_taken(address, port + 1)


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise Broken(
                _("%(host)s 的端口 %(port)s：%(why)s；请用 --port 换一个")
                % {"host": host, "port": port, "why": error.strerror}
            ) from error


def _open_lan(wanted: str | None, port: int) -> Lan | None:
    if wanted is None:
        return None
    _say(_("证书"))
    return open_lan(data_home(), wanted, port=port, now=clock.now())


def _prepare(demo: str | None) -> None:
    _say(_("数据表"))
    _run_once(["migrate", "--quiet"])
    if demo:
        _run_once(["demo", demo])


def _run(
    children: list[Child], *, host: str, port: int, wanted: str | None, phones: Lan | None
) -> None:
    _say(_("页面和后台"))
    children += [_web(host, port, phones), Child(_("后台"), ["worker"]), *_for_phones(phones)]
    for child in children:
        child.start()
    address = f"http://{_reachable(host)}:{port}/"
    _wait_for_page(address, mind=lambda: _mind_all(children))
    print(f"\n  {address}\n\n  {_('按 Ctrl-C 停止。')}", flush=True)
    if phones:
        _wait_for_page(phones.url, mind=lambda: _mind_all(children), trusting=phones.authority)
        _show(phones)
    looked_at = time.monotonic()
    while True:
        time.sleep(0.5)
        _mind_all(children)
        if phones and time.monotonic() - looked_at > LAN_LOOK:
            looked_at = time.monotonic()
            if has_changed(phones, wanted or "", now=clock.now()):
                phones = open_lan(phones.home, wanted or "", port=port, now=clock.now())
                _move(children, _web(host, port, phones), phones)


def _web(host: str, port: int, phones: Lan | None) -> Child:
    web = ["web", "--host", host, "--port", str(port)]
    return Child(_("页面"), web, phones.told_to_all() if phones else {})


def _for_phones(phones: Lan | None) -> list[Child]:
    if phones is None:
        return []
    told = phones.told_to_phones()
    return [
        *(
            Child(_("%s 的页面") % a, phones.web(a), told, for_phones=True)
            for a in phones.addresses
        ),
        Child(_("欢迎页"), phones.welcome(), told, for_phones=True),
    ]


def _move(children: list[Child], web: Child, phones: Lan) -> None:
    """The network or the certificate changed: what serves pages is started anew."""
    _say(_("%s 的页面") % ", ".join(phones.addresses))
    for child in [each for each in children if each.for_phones or each.name == web.name]:
        child.stop()
        children.remove(child)
    for child in (web, *_for_phones(phones)):
        children.append(child)
        child.start()


def _show(phones: Lan) -> None:
    """Tell whoever started the house how phones come in."""
    import django
    import qrcode

    django.setup()
    from django.db import connection

    from huiyin.accounts import queries

    code = qrcode.QRCode(border=2)
    code.add_data(phones.url)
    print(f"\n  {_('手机（同一网络）')}  {phones.url}\n")
    code.print_ascii(invert=True)
    print(f"\n  {_('每台手机第一次先打开')}  {phones.welcome_url}")
    print(f"  {_('证书指纹')}  {phones.fingerprint}\n", flush=True)
    firm = queries.firm()
    connection.close()
    if firm and firm.demo:
        print(f"  {_('注意：演示不用登录，这个网络里的任何人都能打开。')}\n", flush=True)
    elif firm and firm.trial:
        print(
            f"  {_('试用在这台机器上不用登录；手机须登录，登录账号在“设置”里给。')}\n", flush=True
        )


def _wait_for_page(address: str, *, mind: Callable[[], None], trusting: Path | None = None) -> None:
    trust = ssl.create_default_context(cafile=trusting) if trusting else None
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline:
        mind()
        try:
            urllib.request.urlopen(address, timeout=5, context=trust).close()
            return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
            raise Broken(
                _("%(address)s 回答 %(code)s，日志在上面")
                % {"address": address, "code": error.code}
            ) from error
        except OSError:
            time.sleep(0.1)
    raise Broken(
        _("%(address)s 在 %(seconds)d 秒内没有回答")
        % {"address": address, "seconds": START_PATIENCE}
    )


def _run_once(arguments: Sequence[str]) -> None:
    process = _spawn(arguments)
    try:
        status = process.wait()
    except Stopped:
        process.terminate()
        process.wait()
        raise
    if status != 0:
        raise Broken(
            _("“huiyin %(what)s”以状态 %(status)s 退出")
            % {"what": " ".join(arguments), "status": status}
        )


def _spawn(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "huiyin", *arguments],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        # If we are killed outright, it must not go on holding the port and the database.
        preexec_fn=die_with_parent,
        # An own group: a terminal's Ctrl-C reaches us alone, and we stop the others in order.
        process_group=0,
    )


def _mind_all(children: list[Child]) -> None:
    # First: what dies with it could not start again without it.
    if database.mind():
        _say(_("数据库退出了，已重新启动"))
    for child in children:
        child.mind()


def _stop_all(children: list[Child]) -> None:
    for child in children:
        if child.process is not None and child.process.poll() is None:
            child.process.terminate()
    for child in children:
        child.stop()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host


def _say(what: str) -> None:
    print(f"· {what}", flush=True)
