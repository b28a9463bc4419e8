from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "huiyin.insights"
    label = "insights"
    verbose_name = "结论"
