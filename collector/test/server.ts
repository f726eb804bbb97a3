// Runs one of the stack's real servers for a test: waited for, and gone with the test.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { type Command, startChild } from 'stack/child'
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'

export type Server = {
  kill(): Promise<unknown>
  /** What it has said so far. */
  log(): string
}

/** Starts the program and waits until its health address answers 200. */
export async function startServer(t: Test, command: Command, healthUrl: string): Promise<Server> {
  const child = startChild(command)
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk))
  const kill = () => {
    child.kill()
    return child.exited
  }
  t.teardown(kill)
  let end: string | undefined
  child.exited.then((how) => (end = how))
  const ask = async () => end || (await fetch(healthUrl).catch(() => undefined))?.ok
  await until(`${command.file} answers`, ask).catch((error) => (end = error.message))
  if (end) throw new Error(`${command.file}: ${end}\n${log}`)
  return { kill, log: () => log }
}

/** A directory that is gone with the test. */
export function temporaryDirectory(t: Test): string {
  const directory = mkdtempSync(`${tmpdir()}/leadlight-collector-`)
  t.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

/** Asks until there is an answer that counts as true, and returns it. */
export async function until<T>(what: string, ask: () => T | Promise<T>, timeoutMs = 30_000): Promise<NonNullable<T>> {
  let answer: T | undefined
  const answered = async () => {
    answer = await ask()
    return Boolean(answer)
  }
  if ((await waitFor(answered, { timeoutMs })) && answer) return answer
  throw new Error(`waited ${timeoutMs / 1_000} s in vain until ${what}`)
}
