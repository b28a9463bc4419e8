from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "huiyin.ui"
    verbose_name = "页面部件"
