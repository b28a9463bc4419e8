from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "huiyin.followups"
    label = "followups"
    verbose_name = "回访"
