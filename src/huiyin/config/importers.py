"""What `huiyin import` and 设置 → 导入 take in, in the order of the page."""

KNOWN = {
    "customers": "huiyin.customers.importing",
    "subjects": "huiyin.subjects.importing",
    "cases": "huiyin.cases.importing",
}
"""What → the module whose IMPORTER knows what a row of it means."""
