// A visitor of the demo site, from the first click to the quote.
import type { Page } from 'playwright-core'

/** Opens the site and the chat. */
export async function openWidget(page: Page, site: string): Promise<void> {
  await page.goto(site)
  await page.getByRole('button', { name: 'Get an instant estimate' }).click()
}

/** Three messages, an estimate, a lead, a quote. */
export async function askForQuote(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'A new roof' }).click()
  await page.getByRole('button', { name: '2,000' }).click()
  await page.getByRole('button', { name: 'Metal' }).click()
  await page.getByPlaceholder('E-mail or phone').fill('jane@example.com')
  await page.getByRole('button', { name: 'Send it' }).click()
  await page.getByRole('button', { name: 'Ask for a written quote' }).click()
  await page.getByText('We will be in touch').waitFor()
}

/** Goes on trying although the API fails: each press is one more failing call. */
export async function insist(page: Page, times: number): Promise<void> {
  await page.getByRole('button', { name: 'A new roof' }).click()
  for (let i = 1; i < times; i++) await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('button', { name: 'Try again' }).waitFor()
}
