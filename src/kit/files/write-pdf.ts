import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Statement, StatementTable } from '../../core/ledger-statement.ts'

const MARGIN = 48
const SIZE = 9
const LINE = 14
/** What the typeface every reader has can show; anything else needs one of our own, which takes a second to read. */
const LATIN = /^[\u0020-\u007e\u00a0-\u00ff\u2013\u2014\u2026\u20ac]*$/

/** A statement as PDF (A4), the typeface embedded as far as it is used. */
export async function renderStatementPdf(statement: Statement): Promise<Buffer> {
  // Only once a statement is wanted: it takes 24 MB.
  const { default: PDFDocument } = await import('pdfkit')
  const document = new PDFDocument({ size: 'A4', margin: MARGIN, info: { Title: statement.title }, bufferPages: true })
  const chunks: Buffer[] = []
  const done = new Promise<void>((resolve, reject) =>
    document
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', resolve)
      .on('error', reject),
  )
  const texts = [statement.title, statement.foot, ...statement.facts.flat(), ...statement.tables.flatMap(({ name, rows }) => [name, ...rows.flat()])]
  document.font(texts.every((text) => LATIN.test(text)) ? 'Helvetica' : chineseTypeface())
  document.fontSize(16).text(statement.title).moveDown(0.6).fontSize(SIZE)
  for (const [name, value] of statement.facts) document.fillColor('#626d80').text(`${name}  `, { continued: true }).fillColor('#151a23').text(value)
  for (const table of statement.tables) drawTable(document, table)
  document.moveDown(1.2).fillColor('#626d80').text(statement.foot, MARGIN)
  numberPages(document)
  document.end()
  await done
  return Buffer.concat(chunks)
}

function chineseTypeface(): string {
  const entry = createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')
  return join(dirname(entry), '..', 'fonts', 'NotoSansHans-Regular.otf')
}

function drawTable(document: PDFKit.PDFDocument, { name, rows, left }: StatementTable): void {
  const [head, ...body] = rows
  document.moveDown(1).fontSize(11).fillColor('#151a23').text(name, MARGIN).moveDown(0.3).fontSize(SIZE)
  if (head === undefined) return
  const width = (document.page.width - 2 * MARGIN) / head.length
  drawRow(document, head, width, '#626d80')
  for (const row of body) drawRow(document, row, width, '#151a23')
  if (left !== undefined && left > 0) document.fillColor('#626d80').text(`+ ${left}`, MARGIN)
}

function drawRow(document: PDFKit.PDFDocument, row: readonly string[], width: number, color: string): void {
  if (document.y + LINE > document.page.height - MARGIN - LINE) document.addPage()
  const { y } = document
  document.fillColor(color)
  row.forEach((text, at) => document.text(fitting(document, text, width - 6), MARGIN + at * width, y, { lineBreak: false }))
  document
    .moveTo(MARGIN, y + LINE - 3)
    .lineTo(document.page.width - MARGIN, y + LINE - 3)
    .lineWidth(0.4)
    .strokeColor('#e6e9ee')
    .stroke()
  document.x = MARGIN
  document.y = y + LINE
}

/** As much of a text as a cell holds. */
function fitting(document: PDFKit.PDFDocument, text: string, width: number): string {
  if (document.widthOfString(text) <= width) return text
  let end = text.length
  while (end > 1 && document.widthOfString(`${text.slice(0, end)}…`) > width) end -= 1
  return `${text.slice(0, end)}…`
}

function numberPages(document: PDFKit.PDFDocument): void {
  const { start, count } = document.bufferedPageRange()
  for (let page = start; page < start + count; page += 1) {
    document.switchToPage(page)
    document.page.margins.bottom = 0
    document.fillColor('#98a1b0').text(`${page + 1} / ${count}`, MARGIN, document.page.height - 30, { lineBreak: false })
  }
}
