import t from 'tap'
import { launchBrowser } from '../src/browser.ts'

t.test('the browser shows text, and two can be had at once', async (t) => {
  const browsers = await Promise.all([launchBrowser(), launchBrowser()])
  t.teardown(() => Promise.all(browsers.map((browser) => browser.close())))
  for (const browser of browsers) {
    const page = await browser.newPage()
    await page.setContent('<span style="font: 20px sans-serif">2,847 Grüße</span>')
    const box = await page.locator('span').boundingBox()
    t.ok(box && box.width > 50 && box.height > 10, 'the fonts are found')
  }
})
