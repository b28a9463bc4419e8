"""Personal fields at rest."""

import json
import stat

import pytest

from huiyin.core import crypto

COLUMN = "customers_contact.phone"


@pytest.fixture(autouse=True)
def key_file(settings, tmp_path):
    settings.HUIYIN_KEY_FILE = tmp_path / "keys" / "field_keys"
    return settings.HUIYIN_KEY_FILE


def test_what_was_encrypted_opens_again():
    token = crypto.encrypt(COLUMN, "𠮷先生 13812342046")

    assert "1381" not in token
    assert crypto.decrypt(COLUMN, token) == "𠮷先生 13812342046"


def test_the_same_text_never_looks_the_same():
    assert crypto.encrypt(COLUMN, "x") != crypto.encrypt(COLUMN, "x")


def test_a_ciphertext_moved_to_another_column_does_not_open():
    token = crypto.encrypt(COLUMN, "13812342046")

    with pytest.raises(crypto.CannotDecrypt, match="customers_contact.name"):
        crypto.decrypt("customers_contact.name", token)


def test_a_changed_ciphertext_does_not_open():
    token = crypto.encrypt(COLUMN, "13812342046")
    changed = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]

    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(COLUMN, changed)


def test_the_key_file_is_readable_by_its_owner_alone(key_file):
    crypto.encrypt(COLUMN, "x")

    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == [key_file.name]


def test_after_a_rotation_the_new_key_encrypts_and_the_old_one_still_opens(key_file):
    before = crypto.encrypt(COLUMN, "old")

    assert crypto.rotate_key() == "k2"

    assert crypto.encrypt(COLUMN, "new").startswith("k2:")
    assert crypto.decrypt(COLUMN, before) == "old"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_a_rotation_leaves_the_blind_index_as_it_was():
    before = crypto.blind_index(COLUMN, "13812342046")

    crypto.rotate_key()

    assert crypto.blind_index(COLUMN, "13812342046") == before


def test_the_blind_index_differs_by_value_and_by_column():
    index = crypto.blind_index(COLUMN, "13812342046")

    assert index != crypto.blind_index(COLUMN, "13812342047")
    assert index != crypto.blind_index("customers_contact.tail", "13812342046")


def test_a_lost_key_is_named(key_file):
    token = crypto.encrypt(COLUMN, "x")
    ring = json.loads(key_file.read_text())
    ring |= {"current": "k9", "keys": {"k9": ring["keys"]["k1"]}}
    key_file.write_text(json.dumps(ring))
    crypto._loaded.cache_clear()

    with pytest.raises(crypto.CannotDecrypt, match="'k1'"):
        crypto.decrypt(COLUMN, token)
