"""The demo estate: a made-up firm that has worked with its policy for some months.

``estate`` founds it, ``life`` lets its days pass through the services, ``build`` does both.
"""

from huiyin.desk.demo.build import build

__all__ = ["build"]
