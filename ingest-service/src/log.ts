// The process's log: one JSON line for each thing that happened, without bodies, keys, tokens or addresses of visitors.
import pg from 'pg'
import { type DestinationStream, type Logger, pino } from 'pino'
import { escapeControls } from './controls.ts'

/** To standard output unless told otherwise. */
export const createLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    { level, serializers: { err: describeError }, hooks: { streamWrite: escapeLine } },
    destination ?? pino.destination(1),
  )

/** JSON lets through some of them; the line's own end stays. */
const escapeLine = (line: string): string => escapeControls(line, '\n')

/** PostgreSQL quotes rows and values in its messages: of those only what our own code and schema are called is told. */
function describeError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return pino.stdSerializers.err(error as Error)
  const { code, severity, routine, schema, table, column, constraint, message } = error
  const quotesData = /^(21|22|23|54)/.test(code ?? '')
  const stack = error.stack
    ?.split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .join('\n')
  return {
    type: 'DatabaseError',
    code,
    severity,
    message: quotesData ? undefined : message,
    routine,
    schema,
    table,
    column,
    constraint,
    stack,
  }
}
