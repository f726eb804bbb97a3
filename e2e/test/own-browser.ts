// A whole Chromium that can be killed: its profile stays, as on a visitor's disk.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { unpackBrowser } from 'stack/browser'
import { startChild } from 'stack/child'
import { waitFor } from 'stack/wait'
import type { Test } from 'tap'

/** Removed at the end of the test. */
export async function temporaryProfile(t: Test): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'leadlight-profile-'))
  await chmod(profile, 0o711)
  t.teardown(() => rm(profile, { recursive: true, force: true }))
  return profile
}

/** Chromium with a profile of its own that outlives it; `end` kills all of it at once. */
export async function startOwnBrowser(t: Test, profile: string) {
  const directory = await unpackBrowser()
  const child = startChild({
    file: join(directory, 'chromium'),
    args: [
      '--headless=new',
      '--no-sandbox',
      '--no-zygote',
      '--disable-gpu',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
    ],
    env: { FONTCONFIG_PATH: join(directory, 'fonts'), LD_LIBRARY_PATH: join(directory, 'al2023/lib') },
  })
  t.teardown(() => child.kill())
  let said = ''
  child.stdout.resume()
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const address = () => /DevTools listening on (ws:\S+)/.exec(said)?.[1]
  await waitFor(() => Boolean(address()), { timeoutMs: 60_000 })
  const connected = await chromium.connectOverCDP(address() ?? said)
  return {
    context: connected.contexts()[0]!,
    async end() {
      child.kill()
      await child.exited
    },
  }
}
