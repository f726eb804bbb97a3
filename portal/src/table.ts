// One kind of table for all: its rows, and the same rows as a file.
import type { Common } from 'contract/analytics'
import { type CsvRow, fileName, saveCsv } from './csv.ts'
import { type Child, element } from './element.ts'
import { say } from './messages.ts'

export type Column<Row> = { name: string; show: (row: Row) => Child | Child[] }

type Table<Row> = {
  /** What it is of, in a word or two: also the name of its file. */
  name: string
  columns: Column<Row>[]
  /** The row in the words and full digits of the API. */
  csv: (row: Row) => CsvRow
  /** Closed behind a line to press, where a picture says the same. */
  folded?: boolean
}

export type TableView<Row> = {
  node: HTMLElement
  show: (rows: Row[], about: Pick<Common, 'tenant' | 'from' | 'to'>) => void
}

export function tableView<Row>({ name, columns, csv, folded = false }: Table<Row>): TableView<Row> {
  let rows: Row[] = []
  let file = ''
  let drawn = ''
  const body = element('tbody')
  const save = element('button', { type: 'button', class: 'plain save' }, say('download'))
  save.addEventListener('click', () => saveCsv(file, rows.map(csv)))
  const scroll = element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': say('asTable', { name }) },
    element(
      'table',
      {},
      element('caption', { class: 'unseen' }, name),
      element('thead', {}, element('tr', {}, ...columns.map((column) => element('th', { scope: 'col' }, column.name)))),
      body,
    ),
  )
  const node = folded
    ? element('details', {}, element('summary', {}, say('sameAsTable')), scroll, save)
    : element('div', { class: 'table' }, scroll, save)

  return {
    node,
    show(shown, { tenant, from, to }) {
      rows = shown
      file = fileName(tenant.name, name, from, to)
      const wanted = JSON.stringify(shown)
      // what has not changed keeps its focus and its place
      if (wanted === drawn) return
      drawn = wanted
      body.replaceChildren(...shown.map(drawRow))
    },
  }

  function drawRow(row: Row): HTMLTableRowElement {
    return element(
      'tr',
      {},
      ...columns.map(({ show }, index) => {
        const shown = show(row)
        const children = Array.isArray(shown) ? shown : [shown]
        return index === 0 ? element('th', { scope: 'row' }, ...children) : element('td', {}, ...children)
      }),
    )
  }
}
