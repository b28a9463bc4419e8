"""How a search is read, folded and spelled; and that the database folds as Python does."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.core import search
from huiyin.core.pinyin import search_columns

HARD = (
    "３栋－１２０２（东）", "A座 12#", "ＡＢＣ", "㐂苑𠮷座", "%_\\", "a\u200bb\u3164c\u00a0d", "①⑳㎡",
    "Ｌ’Été", "a\nb\tc", "\ufeff王\u00ad五", "ǅ ﬁ ㈱", "。，、；：", "…—～", "김", "İıſK",
)  # fmt: skip
NO_SURROGATES = st.characters(exclude_categories=("Cs",), exclude_characters="\0")


def in_database(function: str, text: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [text])
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize("text", HARD)
def test_the_database_folds_a_text_as_python_does(text: str) -> None:
    assert in_database("huiyin_folded", text) == search.folded(text)


@pytest.mark.django_db
@settings(max_examples=300, deadline=None)
@given(
    st.text(st.one_of(NO_SURROGATES, st.sampled_from(search.SEPARATORS + "３Ａ栋王")), max_size=20)
)
def test_the_database_folds_any_text_as_python_does(text: str) -> None:
    known = "".join(sign for sign in text if ord(sign) < 0x3100 or 0x4E00 <= ord(sign) < 0x9FA6)

    assert in_database("huiyin_folded", known) == search.folded(known)


@pytest.mark.django_db
def test_signs_and_pairs_are_whole_characters() -> None:
    assert in_database("huiyin_signs", "𠮷a𠮷") == ["𠮷", "a", "𠮷"]
    assert in_database("huiyin_pairs", "𠮷a㐂") == ["a㐂", "𠮷a"]
    assert in_database("huiyin_pairs", "a") == in_database("huiyin_pairs", "") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", search.Query(blank=True)),
        (" \u3000\t", search.Query(blank=True)),
        ("-", search.Query()),
        ("建国", search.Query(("建国",))),
        ("３栋 王，五", search.Query(("3栋", "王五"))),
        ("Z J g", search.Query(("z", "j", "g"), letters="zjg")),
        ("Lü", search.Query(("lü",), letters="lv")),
        ("z", search.Query(("z",))),
        ("3D1202", search.Query(("3d1202",), letters="3d1202")),
        ("２０４６", search.Query(("2046",), tail="2046")),
        ("٢٠٤٦", search.Query(("٢٠٤٦",))),
        ("138 1234-2046", search.Query(("138", "12342046"), phone="13812342046")),
        ("+86 13812342046", search.Query(("+86", "13812342046"), phone="13812342046")),
        ("%_", search.Query(("%_",))),
    ],
)
def test_one_function_decides_what_a_query_is(text: str, expected: search.Query) -> None:
    assert search.read(text) == expected


def test_no_more_than_eighty_characters_are_read() -> None:
    assert search.read("王" * 5000).words == ("王" * search.MOST,)


@pytest.mark.parametrize(
    ("name", "initials", "pinyin"),
    [
        ("张三", "zs", "zhangsan"),
        ("单雄信", "sxx", "shanxiongxin"),
        ("曾国", "zg", "zengguo"),
        ("仇英", "qy", "qiuying"),
        ("解缙", "xj", "xiejin"),
        ("区志", "oz", "ouzhi"),
        ("查良镛", "zly", "zhaliangyong"),
        ("任天", "rt", "rentian"),
        ("华佗", "ht", "huatuo"),
        ("尉迟恭", "ycg", "yuchigong"),
        ("长孙无忌", "zswj", "zhangsunwuji"),
        ("万俟卨", "mqx", "moqixie"),
        ("吕布", "lb", "lvbu"),
        ("解放路商店", "jflsd", "jiefanglushangdian"),
        ("重庆商行", "cqsh", "chongqingshanghang"),
        ("㐂苑𠮷座", "xyjz", "xiyuanjizuo"),
        ("3栋1202", "3d1202", "3dong1202"),
        ("ＡＢＣ（上海）", "abcsh", "abcshanghai"),
        ("", "", ""),
    ],
)
def test_a_name_is_spelled_as_people_type_it(name: str, initials: str, pinyin: str) -> None:
    assert search_columns(name) == (initials, pinyin)
