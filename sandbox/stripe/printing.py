"""An invoice as a PDF of one page: lines of text in a font that every reader has (ISO 32000-1, 9.6.2.2)."""

from sandbox.stripe.books import Words


def pdf(invoice: Words) -> bytes:
    """A line each: number, status, what it is for, total, paid."""
    lines = [f"Invoice {invoice['number']} ({invoice['status']}), the sandbox's: nothing to pay", ""]
    lines += [f"{line['description']}   {_money(line['amount'])}" for line in invoice["lines"]["data"]]
    lines += ["", *(f"{name} {_money(invoice[name])} {invoice['currency'].upper()}" for name in ("total", "amount_paid"))]
    drawn = "BT /F1 11 Tf 50 780 Td 16 TL\n" + "\n".join(f"({_escaped(line)}) Tj T*" for line in lines) + "\nET"
    stream = drawn.encode("cp1252", errors="replace")
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    return _filed([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        font,
    ])  # fmt: skip


def _filed(objects: list[bytes]) -> bytes:
    """The objects, and the table of where each begins."""
    made, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table) + end


def _money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
