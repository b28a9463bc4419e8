from django.apps import AppConfig


class AdoptionConfig(AppConfig):
    name = "huiyin.adoption"
    label = "adoption"
    verbose_name = "启用"
