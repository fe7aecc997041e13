"""What the planner may not do while a statement looks rows up one by one.

It knows nothing of a tenant whose rows have just come, believes that it has none, and then takes any index that begins with the tenant for as
good as the right one (measured: a batch became a hundred times slower). So a lookup is a lateral that asks for the first row of an
order that one index has, and while it runs nothing may be sorted: what is left is one probe of that index per row. A sort that
cannot be done without is still done.
"""


def _allowed(what: tuple[str, ...], state: str) -> str:
    return "select " + ", ".join(f"set_config('{name}', '{state}', true)" for name in what)


_SORTS, _JOINS = ("enable_sort",), ("enable_hashjoin", "enable_mergejoin")
NO_SORTS, SORTS = _allowed(_SORTS, "off"), _allowed(_SORTS, "on")
# Nor may what is stored be joined in bulk.
NO_JOINS, JOINS = _allowed(_SORTS + _JOINS, "off"), _allowed(_SORTS + _JOINS, "on")
