"""QR codes as drawings that a strict page may hold: no styles, no scripts, no foreign pictures."""

from __future__ import annotations

import qrcode
from django.utils.html import format_html
from django.utils.safestring import SafeString

QUIET = 4  # modules of silence around the code, as the standard asks


def drawn(text: str, *, label: str) -> SafeString:
    """The code of `text` as an SVG; `label` says where it leads for whoever does not see it."""
    code = qrcode.QRCode(border=QUIET, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}">'
        '<path class="qr__ground" d="M0 0h{0}v{0}h-{0}z"></path>'
        '<path class="qr__signs" d="{2}"></path></svg>',
        len(rows), label, path,
    )  # fmt: skip
