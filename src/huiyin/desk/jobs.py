"""Long sheets are made in the background, and go after a week."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huiyin.core import clock
from huiyin.desk import services


@app.task(name=services.JOB)
def make_export(export: int) -> None:
    services.make_export(export, now=clock.now())


@app.periodic(cron="40 * * * *", periodic_id="outlived_exports")
@app.task(name="huiyin.delete_outlived_exports", queueing_lock="outlived_exports")
def delete_outlived(timestamp: int) -> None:
    services.delete_outlived(now=clock.now())
