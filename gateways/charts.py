"""Charts as pictures: a Vega-Lite specification (made in `domain/`) drawn by vl-convert, without a browser."""

from collections.abc import Mapping

SCALE = 1.5


class VlConvert:
    """Draws in this process; the library and its fonts are loaded at the first chart."""

    def png(self, chart: Mapping[str, object]) -> bytes:
        import vl_convert

        return bytes(vl_convert.vegalite_to_png(dict(chart), scale=SCALE))

    def svg(self, chart: Mapping[str, object]) -> str:
        import vl_convert

        return str(vl_convert.vegalite_to_svg(dict(chart)))
