"""What the web server tells of where a request comes from is what a trial goes by."""

import urllib.request

from huiyin.config.lan.addresses import private_addresses
from huiyin.config.scratch import Scratch, django_uses
from huiyin.core import clock
from tests.serving import web_server


def test_the_server_knows_who_is_here(scratch_db: Scratch) -> None:
    from huiyin.accounts.models import Firm
    from tests.people import small_firm

    with django_uses(scratch_db.application):
        small_firm(clock.now())
        Firm.objects.update(trial=True)

    # A machine without a network has only itself.
    for host in ("127.0.0.1", *private_addresses()[:1]):
        with web_server(scratch_db, host) as url, urllib.request.urlopen(f"{url}/") as answer:
            opened = answer.geturl().removeprefix(url)
        assert opened == ("/" if host == "127.0.0.1" else "/signin/?next=/")
