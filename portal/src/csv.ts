// Tables as files: RFC 4180, for spreadsheets.

export type Cell = string | number | null
export type CsvRow = Record<string, Cell>

/** The columns are those of the first row. */
export function toCsv(rows: CsvRow[]): string {
  if (!rows[0]) return ''
  const columns = Object.keys(rows[0])
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))]
    .map((cells) => `${cells.map(quote).join(',')}\r\n`)
    .join('')
}

/**
 * A spreadsheet takes text that begins like a formula for one, and in some languages a semicolon or a tab begins a cell;
 * the words of a stranger must stay words. The wide signs are those of Japanese keyboards.
 */
const formula = /(?<=^|[;\t\r\n])(?=[\s\p{C}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])|^(?=[\t\r\n])/gu

function quote(cell: Cell): string {
  if (typeof cell === 'number') return String(cell)
  const safe = (cell ?? '').replaceAll(formula, "'")
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Hands the browser a file, without asking the service again. */
export function saveCsv(name: string, rows: CsvRow[]): void {
  // a byte order mark, or Excel takes UTF-8 for the local code page
  const address = URL.createObjectURL(new Blob(['\ufeff', toCsv(rows)], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = `${name}.csv`
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** Words as they may stand in a file's name. */
export const fileName = (...words: string[]): string =>
  words
    .join('-')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
