from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "huiyin.records"
    label = "records"
    verbose_name = "记录"
