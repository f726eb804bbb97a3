// What a bench reports: figures, some with a budget, and the table they are printed in.

export type Unit = 'x' | 'B' | 'KB' | 'µs' | 'ms' | '%'

export type Figure = {
  what: string
  value: number
  unit: Unit
  /** Without one the figure is only told. */
  budget?: { least: number } | { most: number }
  /** The absolutes behind it, which depend on the machine. */
  beside?: string
}

/** True without a budget; a figure that could not be measured (NaN) meets none. */
export function meets({ value, budget }: Figure): boolean {
  if (!budget) return true
  return 'least' in budget ? value >= budget.least : value <= budget.most
}

export function formatTable(figures: Figure[]): string {
  const rows = figures.map((figure) => [
    figure.budget ? (meets(figure) ? 'ok' : 'MISSED') : '',
    figure.what,
    quantity(figure.value, figure.unit),
    budgetOf(figure),
    figure.beside ?? '',
  ])
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 2 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function budgetOf({ budget, unit }: Figure): string {
  if (!budget) return ''
  return 'least' in budget ? `≥ ${quantity(budget.least, unit, 1)}` : `≤ ${quantity(budget.most, unit, 1)}`
}

/** Three digits are all that a noisy machine allows. */
function quantity(value: number, unit: Unit, least = 3): string {
  const number = value.toLocaleString('en-US', {
    minimumSignificantDigits: least,
    maximumSignificantDigits: value < 100 ? 3 : 4,
  })
  return unit === 'x' || unit === '%' ? `${number}${unit}` : `${number} ${unit}`
}
