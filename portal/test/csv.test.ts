import { payloads } from 'stack/payloads'
import t from 'tap'
import { fileName, toCsv } from '../src/csv.ts'

t.test('a file has the columns of its first row, quotes where they are needed, full digits', (t) => {
  t.equal(
    toCsv([
      { page: '/a,b', visits: 3, rate: 0.3333333333333333, note: null },
      { page: 'say "hi"\nthere', visits: 0, rate: null, note: '' },
    ]),
    'page,visits,rate,note\r\n"/a,b",3,0.3333333333333333,\r\n"say ""hi""\nthere",0,,\r\n',
  )
  t.equal(toCsv([]), '')
  t.end()
})

t.test('words of a stranger do not become a formula', (t) => {
  for (const text of ['=HYPERLINK("//evil")', '+1', '-1', '@SUM(A1)', '\tx']) {
    const [, cell = ''] = toCsv([{ source: text }]).split('\r\n')
    t.match(cell.replace(/^"/, ''), /^'/, text)
  }
  t.equal(toCsv([{ count: -1 }]), 'count\r\n-1\r\n', 'numbers stay numbers')
  t.end()
})

/** The cells of a line as a spreadsheet divides it, by commas or, where those part decimals, by semicolons. */
function divide(file: string, by: ',' | ';'): string[] {
  const cells = ['']
  let quoted = false
  for (const sign of file) {
    if (sign === '"' && (quoted || cells.at(-1) === '')) quoted = !quoted
    else if (!quoted && (sign === by || sign === '\t' || sign === '\n')) cells.push('')
    else cells[cells.length - 1] += sign
  }
  return cells
}

t.test('whatever a stranger wrote, no cell of it is a formula, in no language', (t) => {
  t.ok(divide('1,"x";=2', ';').includes('=2'), 'a formula is found where there is one')
  const formulas = payloads.flatMap((payload) => {
    const file = toCsv([{ page: payload, source: `x${payload}`, visits: 1 }])
    const cells = [...divide(file, ','), ...divide(file, ';')]
    return cells.filter((cell) => /^[\s\p{C}]*[=+\-@\uFF1D]/u.test(cell))
  })
  t.strictSame(formulas, [])
  t.end()
})

t.test('a name of a file holds letters and digits of any language', (t) => {
  t.equal(fileName('Summit Roofing & Sons <b>', 'Dächer', '2026-11-01'), 'summit-roofing-sons-b-dächer-2026-11-01')
  t.end()
})
