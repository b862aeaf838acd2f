"""What is exported, as pages for people: one PDF with what was asked, and tables of what was found.

The same content gives the same bytes. Long tables are cut: the CSV files beside them have all rows.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

MOST_ROWS: Final = 500
_FONTS: Final = Path(reportlab.__file__).parent / "fonts"
_PLAIN, _BOLD = "Vera", "VeraBd"
_LINE, _HEAD = colors.HexColor("#d9dee5"), colors.HexColor("#eef1f6")
_TITLE = ParagraphStyle("title", fontName=_BOLD, fontSize=15, leading=20)
_HEADING = ParagraphStyle("heading", fontName=_BOLD, fontSize=10, leading=13, spaceBefore=9, spaceAfter=3)
_TEXT = ParagraphStyle("text", fontName=_PLAIN, fontSize=8, leading=11)
_CELL = ParagraphStyle("cell", fontName=_PLAIN, fontSize=6.5, leading=8.5, splitLongWords=1)
_STRONG = ParagraphStyle("strong", parent=_CELL, fontName=_BOLD)


@dataclass(frozen=True)
class Section:
    """One table of a report.

    Attributes:
        title: its heading.
        heads: names of its columns.
        rows: its rows.
        note: a sentence above it.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    note: str = ""


def make_report(title: str, question: Mapping[str, Any], sections: Iterable[Section]) -> bytes:
    """The report as the bytes of a PDF.

    Args:
        title: what it is about.
        question: what was asked, as told in the bundle's manifest.
        sections: what was found.
    """
    for name in (_PLAIN, _BOLD):
        pdfmetrics.registerFont(TTFont(name, _FONTS / f"{name}.ttf"))
    target = io.BytesIO()
    page = SimpleDocTemplate(
        target,
        pagesize=landscape(A4),
        leftMargin=14 * mm,
        rightMargin=14 * mm,
        topMargin=12 * mm,
        bottomMargin=14 * mm,
        title=title,
        author="Bilten lineage",
        invariant=1,
    )
    asked = "; ".join(f"{name}: {value}" for name, value in question.items() if value not in (None, "", {}))
    story: list[Any] = [Paragraph(escape(title), _TITLE), Paragraph(escape(asked), _TEXT)]
    for section in sections:
        story += _table(section, page.width)
    page.build(story, onFirstPage=_footer, onLaterPages=_footer)
    return target.getvalue()


def _table(section: Section, width: float) -> list[Any]:
    story: list[Any] = [Paragraph(escape(f"{section.title} ({len(section.rows):,})"), _HEADING)]
    if section.note:
        story.append(Paragraph(escape(section.note), _TEXT))
    if not section.rows:
        return [*story, Paragraph("None.", _TEXT)]
    shown = section.rows[:MOST_ROWS]
    if len(shown) < len(section.rows):
        story.append(Paragraph(f"The first {MOST_ROWS}; the CSV file has all.", _TEXT))
    cells = [[Paragraph(escape(str(each)), _STRONG) for each in section.heads]]
    cells += [[Paragraph(escape("" if each is None else str(each)), _CELL) for each in row] for row in shown]
    # As wide as what stands in them needs, within reason.
    needs = [
        min(44, max(6, *(len(str(row[place])) for row in [section.heads, *shown[:50]])))
        for place in range(len(section.heads))
    ]
    table = LongTable(cells, colWidths=[width * need / sum(needs) for need in needs], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
            ]
        )
    )
    return [*story, table, Spacer(1, 3 * mm)]


def _footer(canvas: Any, page: Any) -> None:
    canvas.setFont(_PLAIN, 7)
    canvas.drawString(page.leftMargin, 8 * mm, page.title)
    canvas.drawRightString(page.leftMargin + page.width, 8 * mm, f"Page {page.page}")
