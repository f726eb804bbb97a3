// Opens the portal in a real browser, each time with a service and a clock of its own.
import type { Browser, Locator, Page } from 'playwright-core'
import { launchBrowser } from 'stack/browser'
import type { Test } from 'tap'
import { type Fixture, serveFixture, today } from './fixture.ts'

export const phone = { width: 390, height: 844 }
export const desktop = { width: 1280, height: 900 }

/** Far from midnight wherever a test is read: what is today to a test is it to the page. */
const startsAt = Date.parse(`${today}T18:00:00Z`)

export type Look = { viewport?: { width: number; height: number }; colorScheme?: 'light' | 'dark' }

let browser: Promise<Browser> | undefined

/** A tab whose time a test moves with `tab.clock`. Every error the browser reports, policy violations among them, fails the test. */
export async function visit(t: Test, look: Look = {}): Promise<Fixture & { tab: Page }> {
  const fixture = await serveFixture()
  t.teardown(() => fixture.close())
  browser ??= launchBrowser()
  const context = await (await browser).newContext({ viewport: desktop, reducedMotion: 'reduce', ...look })
  t.teardown(() => context.close())
  const tab = await context.newPage()
  tab.on('pageerror', (error) => t.fail(`the page threw ${error}`))
  tab.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) t.fail(message.text())
  })
  await tab.clock.install({ time: startsAt })
  return { ...fixture, tab }
}

/** Before it goes anywhere: from now on time passes only when the test says so, and nothing is asked by itself. */
export const stopClock = (tab: Page): Promise<void> => tab.clock.pauseAt(startsAt + 60_000)

/** Call it at the end of a test file. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close()
}

export const numberOf = (tab: Page, field: string): Locator => tab.locator(`[data-field=${field}] .number`)
