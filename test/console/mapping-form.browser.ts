/**
 * Writes a field map in the console with a real browser: `npm run test:mapping-form [-- --documents 10000]`. Brings its own hub over a database of its
 * own, with a shop whose discounts are read wrong. A person mends the map in the form by pointing at the document, once by keys alone, and looks at the
 * preview; prints how long it takes from the click to what is shown. Screenshots are in .tmp/screens. Ends with 1 where something is not as it should be.
 */
import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { openBrowser } from './browser.ts'
import { accessibilityProblems } from './accessibility.ts'
import { signIn } from './sign-in.ts'
import { watchPage } from './watch-page.ts'

const { values } = parseArgs({ options: { documents: { type: 'string', default: '10000' }, repeats: { type: 'string', default: '9' } } })
const screens = process.env['HUB_SCREENS'] ?? '.tmp/screens'
const dir = process.env['HUB_CONSOLE'] ?? join(import.meta.dirname, '../../dist/console')
const goalMs = 300

const failures: string[] = []
const check = (what: string, ok: boolean, said = ''): void => {
  console.log(`  ${ok ? 'ok    ' : 'not ok'}  ${what}${said === '' ? '' : `: ${said}`}`)
  if (!ok) failures.push(what)
}

/** The hub in a process of its own, as a browser meets one. */
const startHub = async (): Promise<{ readonly url: string; readonly close: () => void }> => {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../e2e/mapping-hub.ts'), values.documents, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill())
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('http')) return { url: line, close: () => void child.kill() }
  throw new Error('The hub did not start.')
}

const field = (page: Page, name: string) => page.locator('.map-field').filter({ has: page.getByText(name, { exact: true }) })
const value = (page: Page, path: string) => page.locator('.map-value', { hasText: path }).first()

/** The page the studio is on, with its preview drawn. */
const openStudio = async (page: Page, hub: string): Promise<void> => {
  await page.goto(`${hub}/mappings?connection=c_shop&document=order/5`)
  await page.locator('.map-value').first().waitFor()
}

/** By mouse: the discount is read from one member; the person adds the other by pointing at it, and gives a value of the order a name of its own. */
const byMouse = async (page: Page): Promise<void> => {
  await field(page, 'Discount').click()
  await page.getByRole('combobox', { name: 'Place in the document' }).fill('sum(/discounts/coupon + /discounts/platform)')
  await page.keyboard.press('Escape')
  await value(page, 'totals.discount').locator('s').waitFor()
  check('a sum typed into a field is in the preview at once', (await value(page, 'totals.discount').textContent())?.includes('1.75') === true)
  await page.screenshot({ path: `${screens}/mapping-form-field.png` })
  await page.getByRole('button', { name: 'Add a field' }).click()
  const target = page.getByRole('combobox', { name: 'Value of the order' })
  await target.click()
  await page.keyboard.type('note of the seller')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Point at it' }).last().click()
  await page.locator('.map-line', { hasText: '"till"' }).waitFor()
  await page.screenshot({ path: `${screens}/mapping-form-pointing.png` })
  await page.locator('.map-line', { hasText: '"till"' }).click()
  await value(page, 'seller_note').waitFor()
  check(
    'a place that was pointed at is written as a pointer',
    (await page.getByRole('combobox', { name: 'Place in the document' }).inputValue()) === '/till',
  )
  check('and its value is in the preview', /till \d/.test((await value(page, 'seller_note').textContent()) ?? ''))
  await page.getByRole('combobox', { name: 'Add a step' }).click()
  await page.keyboard.type('Lookup')
  await page.keyboard.press('Enter')
  const held =
    (await value(page, 'seller_note')
      .textContent()
      .catch(() => '')) ?? ''
  await page.getByRole('button', { name: 'Add an entry' }).last().click()
  const till = /till \d/.exec(held)?.[0] ?? 'till 4'
  await page.getByRole('textbox', { name: 'Text there' }).last().fill(till)
  await page.getByRole('textbox', { name: 'Becomes' }).last().fill('Front counter')
  await page.locator('.map-value', { hasText: 'Front counter' }).waitFor()
  check('a lookup table is filled in, and what it makes is shown', true)
}

/** What the hub refuses is said beside the field, and goes with its cause. */
const withError = async (page: Page): Promise<void> => {
  const source = page.getByRole('combobox', { name: 'Place in the document' })
  await source.fill('till')
  await page.keyboard.press('Escape')
  const told = page.locator('.map-fields li', { hasText: 'Note of the seller' }).locator('[role="alert"]')
  await told.waitFor()
  check('what is refused is said beside its field', (await told.textContent())?.includes('no pointer') === true)
  await page.screenshot({ path: `${screens}/mapping-form-error.png` })
  await source.fill('/till')
  await page.keyboard.press('Escape')
  await told.waitFor({ state: 'detached' })
  check('and goes with its cause', true)
}

/** Without the mouse: open a field, point at a line's value, leave by Escape, remove the field. */
const byKeys = async (page: Page): Promise<void> => {
  await field(page, 'Line: title').focus()
  await page.keyboard.press('Enter')
  const point = page.getByRole('button', { name: 'Point at it' }).last()
  await point.focus()
  await page.keyboard.press('Enter')
  await page.locator('.map-line:focus').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('.map-line').first().waitFor({ state: 'detached' })
  await page.waitForFunction(() => document.activeElement?.textContent === 'Point at it')
  check('Escape ends pointing, and the cursor is where it was', true)
  await page.keyboard.press('Enter')
  await page.locator('.map-line:focus').waitFor()
  for (let n = 0; n < 40 && !((await page.locator('.map-line:focus').textContent()) ?? '').includes('"sku"'); n += 1) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await value(page, 'lines[0].title').locator('s').waitFor()
  check(
    'a line is pointed at by keys, relative to its line',
    (await page.getByRole('combobox', { name: 'Place in the document' }).inputValue()) === './sku',
  )
}

/** From the change to what is shown of it, and what of it the hub took; a change each time that was not asked before. */
const measure = async (page: Page): Promise<void> => {
  await field(page, 'Note of the seller').click()
  await page.getByRole('button', { name: 'Always the same' }).click()
  const input = page.getByRole('textbox', { name: 'Text', exact: true })
  const shown: number[] = []
  const server: number[] = []
  for (let n = 0; n < Number(values.repeats) + 1; n += 1) {
    const answer = page.waitForResponse((response) => response.url().endsWith('/preview'))
    const text = `note ${n}`
    const done = page.evaluate(
      (wanted) =>
        new Promise<number>((resolve) => {
          const began = performance.now()
          const look = (): void => {
            if ([...document.querySelectorAll('.map-value')].some((row) => row.textContent?.includes(wanted) === true))
              resolve(performance.now() - began)
            else requestAnimationFrame(look)
          }
          look()
        }),
      text,
    )
    await input.fill(text)
    const ms = await done
    const { responseEnd, requestStart } = (await answer).request().timing()
    if (n === 0) continue // the hub and PostgreSQL have seen the question before
    shown.push(ms)
    server.push(responseEnd - requestStart)
    await page.waitForTimeout(900) // the draft is saved in between
  }
  const [middle, answered] = [median(shown), median(server)]
  console.log(
    `  preview beside ${values.documents} documents, 3.5 KB each: click to shown ${Math.round(middle)} ms (worst ${Math.round(Math.max(...shown))}), of these the hub ${Math.round(answered)} ms (worst ${Math.round(Math.max(...server))}); goal ${goalMs}`,
  )
  check('the preview is shown in time', middle <= goalMs)
}

const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN

const run = async (): Promise<void> => {
  await mkdir(screens, { recursive: true })
  const hub = await startHub()
  const browser = await openBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, locale: 'en', reducedMotion: 'reduce' })
    // What runs in the page is compiled for this process, with a name for every function.
    await page.addInitScript('globalThis.__name = (each) => each')
    const watch = watchPage(page)
    await signIn(page, hub.url, 'admin', 'Written in forms 7')
    await openStudio(page, hub.url)
    await byMouse(page)
    await withError(page)
    await byKeys(page)
    await measure(page)
    await page.getByText('Saved by').waitFor()
    await openStudio(page, hub.url)
    check(
      'what was written is the draft after loading it again',
      (await field(page, 'Note of the seller').textContent())?.includes('always') === true,
    )
    check(
      'nothing serious for those who see or hear otherwise',
      (await accessibilityProblems(page)).length === 0,
      (await accessibilityProblems(page)).join('; '),
    )
    // Refused previews are answers of 400, which a browser notes.
    const odd = watch.take().filter((problem) => !problem.includes('400'))
    check('nothing went wrong in the page', odd.length === 0, odd.join('; '))
    for (const [locale, width, theme] of [
      ['zh-CN', 1440, 'light'],
      ['zh-CN', 390, 'dark'],
    ] as const) {
      const other = await browser.newPage({ viewport: { width, height: 900 }, locale, colorScheme: theme, reducedMotion: 'reduce' })
      await signIn(other, hub.url, 'admin', 'Written in forms 7')
      await openStudio(other, hub.url)
      await field(other, '整单优惠').click()
      await other.getByRole('combobox', { name: '添加步骤' }).scrollIntoViewIfNeeded()
      await other.screenshot({ path: `${screens}/mapping-form-${locale}-${width}.png` })
      const wide = await other.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      check(`fits a screen of ${width}`, wide <= 0, `${wide} too wide`)
      check(`nothing serious at ${width}`, (await accessibilityProblems(other)).length === 0, (await accessibilityProblems(other)).join('; '))
      await other.close()
    }
  } finally {
    await browser.close()
    hub.close()
  }
  console.log(failures.length === 0 ? 'all as it should be' : `${failures.length} not as they should be`)
  if (failures.length > 0) process.exitCode = 1
}

await run()
