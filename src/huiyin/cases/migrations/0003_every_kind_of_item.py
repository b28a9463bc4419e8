"""Opinions and requests, and the stages and outcomes of the ways that are no rectification."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_customers_behind")]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="kind",
            field=models.TextField(
                choices=[
                    ("problem", "问题"),
                    ("complaint", "投诉"),
                    ("question", "询问"),
                    ("opinion", "意见"),
                    ("request", "要求"),
                    ("suggestion", "建议"),
                    ("finding", "检查发现"),
                ]
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="outcome",
            field=models.TextField(
                choices=[
                    ("solved", "已解决"),
                    ("explained", "已解释，客户认可"),
                    ("compensated", "已补偿"),
                    ("unfounded", "查明不成立"),
                    ("withdrawn", "客户撤回"),
                ],
                default="",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="stage",
            field=models.TextField(
                choices=[
                    ("raised", "已提出"),
                    ("promised", "已约答复"),
                    ("notified", "已通知"),
                    ("rectified", "已整改"),
                    ("revisited", "已复访"),
                    ("decided", "已决定"),
                    ("handled", "已处理"),
                    ("replied", "已答复"),
                    ("closed", "已关闭"),
                ],
                default="raised",
            ),
        ),
    ]
