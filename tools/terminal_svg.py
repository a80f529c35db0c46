#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws a recorded terminal as a picture: `script -qec ./quickstart /dev/null | tools/terminal_svg.py > docs/images/quickstart.svg`.

Understands colours and bold (SGR) and a carriage return that begins a line anew; other control sequences are left out.
"""
import re
import sys
from html import escape

COLOURS = {30: "#484f58", 31: "#ff7b72", 32: "#3fb950", 33: "#d29922", 34: "#58a6ff", 35: "#bc8cff", 36: "#39c5cf", 37: "#c9d1d9", 90: "#8b949e"}
SEQUENCE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\x1b[()][A-Z0-9]|\x1b[=>]")
CHARACTER, LINE, MARGIN = 8.43, 19, 16


def spans(line: str):
    """Runs of one look: (text, bold, dim, colour)."""
    bold, dim, colour, at = False, False, None, 0
    for match in SEQUENCE.finditer(line):
        if match.start() > at:
            yield line[at : match.start()], bold, dim, colour
        at = match.end()
        if match.group(2) != "m":
            continue
        for code in (int(part or 0) for part in match.group(1).split(";")):
            if code == 0:
                bold, dim, colour = False, False, None
            elif code == 1:
                bold = True
            elif code == 2:
                dim = True
            elif code == 22:
                bold, dim = False, False
            elif code == 39:
                colour = None
            elif code in COLOURS or code - 60 in COLOURS:
                colour = COLOURS.get(code, COLOURS.get(code - 60))
    if at < len(line):
        yield line[at:], bold, dim, colour


def main() -> int:
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in sys.stdin.read().rstrip("\n").split("\n")]
    columns = max(80, *(len(SEQUENCE.sub("", line)) for line in lines))
    width, height = round(columns * CHARACTER + 2 * MARGIN), len(lines) * LINE + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">')
    print("<title>A recorded terminal</title>")
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>')
    print('<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14" fill="#c9d1d9" xml:space="preserve">')
    for number, line in enumerate(lines):
        parts, column = [], 0
        for text, bold, dim, colour in spans(line):
            look = (' font-weight="bold"' if bold else "") + (' opacity="0.7"' if dim else "") + (f' fill="{colour}"' if colour else "")
            # Placed by column, so that a viewer with another font keeps the table straight.
            parts.append(f'<tspan x="{MARGIN + column * CHARACTER:.1f}"{look} textLength="{len(text) * CHARACTER:.1f}">{escape(text)}</tspan>')
            column += len(text)
        if parts:
            print(f'<text y="{MARGIN + number * LINE + 13}">{"".join(parts)}</text>')
    print("</g>\n</svg>")
    return 0


if __name__ == "__main__":
    sys.exit(main())
