"""How the payer's pages look: checkout, the portal, an invoice. Plain HTML with forms, no script. What they do is in `pages`."""

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sandbox.stripe.books import Books, Words
from sandbox.stripe.renewing import HOLDS

CARDS: Mapping[str, str] = {
    "4242424242424242": "Visa: pays",
    "5555555555554444": "Mastercard: pays",
    "4000000000000002": "is declined",
    "4000000000009995": "is declined: insufficient funds",
    "4000000000000341": "is taken, later charges fail",
    "4000002500003155": "the bank asks its owner: see below",
    "4000000000000259": "pays, and its owner disputes it",
}
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1a2233; background: #f4f5f8; margin: 0; }
main { max-width: 34rem; margin: 2.5rem auto; background: #fff; padding: 2rem; border: 1px solid #dcdfe8; border-radius: 8px; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } .quiet { color: #555f75; }
.stands { font-size: .85rem; color: #7a4b00; background: #fff4dc; padding: .5rem .75rem; }
.wrong { color: #9b1c1c; background: #fdecec; padding: .5rem .75rem; }
fieldset { border: 1px solid #dcdfe8; border-radius: 6px; padding: .5rem .75rem; margin: 1rem 0; } legend { padding: 0 .3rem; }
label { display: block; margin: .3rem 0; } code { font-size: .95em; }
input[type=email], select { font: inherit; padding: .35rem .5rem; border: 1px solid #aab1c2; border-radius: 4px; min-width: 16rem; }
button { font: inherit; padding: .5rem 1.1rem; border: 0; border-radius: 5px; background: #3b4fd8; color: #fff; cursor: pointer; }
button.plain { background: #e4e7f2; color: #1a2233; } table { border-collapse: collapse; width: 100%; font-size: .92rem; }
td, th { text-align: left; padding: .3rem .5rem .3rem 0; border-bottom: 1px solid #e6e8ef; }
td.money, th.money { text-align: right; white-space: nowrap; }
form, .stands { margin: .75rem 0; }
"""
STANDS = '<p class="stands">The sandbox stands in for Stripe: no card is real, and no money moves.</p>'


def _page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{_safe(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><main>{STANDS}{body}</main></body></html>'


def checkout(books: Books, session: Words, wrong: str = "") -> str:
    """The form of an open session; of another one, how it stands."""
    price = books.get("price", session["_price"])
    title = f"Pay {_money(session['amount_total'], session['currency'])}"
    sold = f"<h1>{_safe(_name(books, price))}</h1><p>{_often(price)}</p>"
    if session["_trial_days"]:
        sold += f'<p class="quiet">The first {session["_trial_days"]} days cost nothing.</p>'
    if session["status"] != "open":
        return _page(title, f'{sold}<p class="wrong">This page is {"paid" if session["status"] == "complete" else session["status"]}.</p>')
    email = session["customer_email"] or (books.kept.get(session["customer"] or "") or {}).get("email") or ""
    fields = f'<label>Email <input type="email" name="email" value="{_safe(email)}"></label>{_cards()}'
    back = f'<p><a href="{_safe(session["cancel_url"])}">Back to the shop, without paying</a></p>' if session["cancel_url"] else ""
    return _page(title, f'{sold}{_wrong(wrong)}<form method="post">{fields}<button>{title}</button></form>{back}')


def portal(books: Books, session: Words, wrong: str = "") -> str:
    """What a customer has, and what can be done with it."""
    customer = books.get("customer", session["customer"])
    held = [each for each in books.every("subscription", customer=customer["id"]) if each["status"] in HOLDS]
    parts = [f'<h1>Your plan</h1><p class="quiet">{_safe(customer["email"] or customer["id"])}</p>', _wrong(wrong)]
    parts += [_plan(books, held[0]) if held else "<p>There is no plan.</p>", "<h2>Card</h2>", _card(books, customer, held)]
    parts += [_form("card", _cards(), "Use this card"), "<h2>Invoices</h2>", _invoices(books, customer)]
    if session["return_url"]:
        parts.append(f'<p><a href="{_safe(session["return_url"])}">Back to the shop</a></p>')
    return _page("Your plan", "".join(parts))


def invoice(invoice: Words) -> str:
    """One invoice, line by line."""
    rows = [(_safe(line["description"]), _money(line["amount"], line["currency"])) for line in invoice["lines"]["data"]]
    rows += [(f"<b>{name}</b>", _money(invoice[field], invoice["currency"])) for name, field in _TOTALS]
    about = f"{_day(invoice['created'])}, {invoice['status']}, {_safe(invoice['customer_email'] or '')}"
    body = f'<h1>Invoice {invoice["number"]}</h1><p class="quiet">{about}</p>{_table(("", "amount"), rows)}'
    return _page(f"Invoice {invoice['number']}", f'{body}<p><a href="{invoice["id"]}/pdf">As a PDF</a></p>')


_TOTALS = (("total", "total"), ("due after credit", "amount_due"), ("paid", "amount_paid"))


def _plan(books: Books, held: Words) -> str:
    price, is_ending = held["items"]["data"][0]["price"], held["cancel_at"] or held["cancel_at_period_end"]
    click = ("resume", "Do not cancel") if is_ending else ("cancel", "Cancel at the end of the period")
    has = f"<p><b>{_safe(_name(books, price))}</b>, {_often(price)}; {held['status']}. {_outlook(held)}</p>"
    others = f'<select name="price">{_others(books, price)}</select>'
    return has + _form("change", others, "Change to it now") + _form(click[0], "", click[1], kind="plain")


def _outlook(held: Words) -> str:
    until = held["items"]["data"][0]["current_period_end"]
    if held["status"] == "past_due":
        return "A payment failed: choose another card."
    if held["cancel_at"] or held["cancel_at_period_end"]:
        return f"It ends on {_day(held['cancel_at'] or until)}."
    return f"Paid until {_day(until)}.{' It changes to another plan then.' if held['schedule'] else ''}"


def _others(books: Books, price: Words) -> str:
    there = [each for each in books.every("price", active=True) if each["recurring"] and each["id"] != price["id"]]
    there.sort(key=lambda each: int(each["unit_amount"]))
    return "".join(f'<option value="{each["id"]}">{_safe(_name(books, each))}, {_often(each)}</option>' for each in there)


def _card(books: Books, customer: Words, held: Sequence[Words]) -> str:
    key = (held[0]["default_payment_method"] if held else None) or customer["invoice_settings"]["default_payment_method"]
    method = books.kept.get(key or "")
    return f"<p>{method['card']['brand']} ending in {method['card']['last4']}</p>" if method else "<p>There is none.</p>"


def _invoices(books: Books, customer: Words) -> str:
    rows = [
        (f'<a href="/i/{each["id"]}">{each["number"]}</a>', _day(each["created"]), each["status"], _money(each["total"], each["currency"]))
        for each in books.every("invoice", customer=customer["id"])
    ]
    return _table(("number", "date", "status", "amount"), rows) if rows else "<p>There are none.</p>"


def _cards() -> str:
    radios = "".join(
        f'<label><input type="radio" name="card" value="{number}"{"" if place else " checked"}> '
        f"<code>{_grouped(number)}</code> {said}</label>"
        for place, (number, said) in enumerate(CARDS.items())
    )
    bank = '<label><input type="checkbox" name="authenticate" value="yes"> Say yes where the bank asks</label>'
    return f"<fieldset><legend>Card</legend>{radios}{bank}</fieldset>"


def _form(do: str, fields: str, button: str, *, kind: str = "") -> str:
    return f'<form method="post"><input type="hidden" name="do" value="{do}">{fields} <button class="{kind}">{button}</button></form>'


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The last column is money."""

    def row(cells: Sequence[str], tag: str) -> str:
        kinds = ["" for _ in cells[:-1]] + [' class="money"']
        return "<tr>" + "".join(f"<{tag}{kind}>{cell}</{tag}>" for cell, kind in zip(cells, kinds, strict=True)) + "</tr>"

    return f"<table>{row(names, 'th')}{''.join(row(each, 'td') for each in rows)}</table>"


def _wrong(said: str) -> str:
    return f'<p class="wrong">{_safe(said)}</p>' if said else ""


def _name(books: Books, price: Words) -> str:
    return str(price["nickname"] or books.kept[price["product"]]["name"])


def _often(price: Words) -> str:
    every = price["recurring"]
    count = f"{every['interval_count']} " if every["interval_count"] != 1 else ""
    return f"{_money(price['unit_amount'], price['currency'])} every {count}{every['interval']}{'s' if count else ''}"


def _money(cents: int, currency: str) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02} {currency.upper()}"


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%-d %b %Y")


def _grouped(number: str) -> str:
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _safe(words: object) -> str:
    return html.escape(str(words), quote=True)
