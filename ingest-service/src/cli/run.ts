// What every command shares: a connection, one way to print the answer, one way to fail.
import type { Command } from 'commander'
import type pg from 'pg'
import { escapeControls } from '../controls.ts'
import { openPool, type Role } from '../database.ts'
import { type Connection, findConnection } from './connection.ts'

/** What a command answers: the value for programs (`--json`), the text for people; null when it has printed all itself. */
export type Answer = [value: unknown, text: string] | null
export type Context = Connection & {
  /** Acts as the owner of the schema. */
  db: pg.Pool
  /** Opens a connection that has taken a role; closed with the command. */
  as(role: Role): pg.Pool
}

export const withJson = (command: Command): Command => command.option('--json', 'print one JSON value and nothing else')

/**
 * No name, label or refused event is a command to the terminal; the ends of lines are ours, so a value on a line goes
 * through `cell`. What is in a JSON string may be spelled so, too.
 */
export const forTerminal = (text: string): string => escapeControls(text, '\n')

/** A value from data within a line: it cannot end the line and forge the next. */
export const cell = (value: string): string => escapeControls(value)

/** Runs one command and prints its answer; a failure goes to stderr, with exit code 1. */
export async function print(options: { json?: boolean }, run: () => Promise<Answer>): Promise<void> {
  try {
    const result = await run()
    if (result) process.stdout.write(`${forTerminal(options.json ? JSON.stringify(result[0]) : result[1])}\n`)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    process.stderr.write(`leadlight: ${forTerminal(message || `${code}`)}${hintOf(code)}\n`)
    process.exitCode = 1
  }
}

/** What to do about a failure of the database. */
function hintOf(code = ''): string {
  if (/^(42P01|3F000)$/.test(code)) return '. Run `leadlight migrate` first'
  return /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT)/.test(code)
    ? '. Is PostgreSQL running, and is DATABASE_URL right?'
    : ''
}

/** The same with a database, whose connections are closed with the command. */
export async function answer(options: { json?: boolean }, run: (context: Context) => Promise<Answer>): Promise<void> {
  const pools: pg.Pool[] = []
  await print(options, async () => {
    const connection = findConnection(process.env)
    const open = (role?: Role): pg.Pool => {
      const pool = openPool(connection.databaseUrl, { role, size: 4, statementMs: 600_000, onError: () => {} })
      pools.push(pool)
      return pool
    }
    return run({ ...connection, db: open(), as: open })
  })
  await Promise.all(pools.map((pool) => pool.end()))
}

/** Names and values in two columns. */
export function columns(values: Record<string, unknown>): string {
  const width = Math.max(...Object.keys(values).map((key) => key.length))
  const show = (value: unknown): string => cell(value instanceof Date ? value.toISOString() : `${value ?? '–'}`)
  return Object.entries(values)
    .map(([key, value]) => `${key.padEnd(width)}  ${show(value)}`)
    .join('\n')
}

export const noSuchTenant = (id: string): Error =>
  new Error(`There is no tenant ${id}; \`leadlight tenant list\` shows them`)
