// A real SMTP server that keeps what it takes, and does at a message whatever a test wants.
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import type { Test } from 'tap'

export type Mailbox = { url: string; messages: ParsedMail[]; port: number }

type Behaviour = {
  /** Before a message is taken; throwing refuses it. */
  arriving?: () => void
  /** After it is taken; the sender hears of it when the promise is fulfilled. */
  taken?: () => Promise<void>
}

export async function openMailbox(
  t: Test,
  { arriving = () => {}, taken = async () => {} }: Behaviour = {},
): Promise<Mailbox> {
  const messages: ParsedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onMailFrom(_address, _session, callback) {
      try {
        arriving()
        callback()
      } catch (error) {
        callback(error as Error)
      }
    },
    onData(stream, _session, callback) {
      text(stream)
        .then(async (source) => {
          messages.push(await simpleParser(source))
          await taken()
        })
        .then(() => callback(), callback)
    },
  })
  // a killed sender is no failure of the server
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo
  return { url: `smtp://127.0.0.1:${port}`, messages, port }
}
