/**
 * How long the long lists take in a real browser, against a running hub with as many orders as it holds:
 *   HUB_URL=http://127.0.0.1:8080 HUB_PASSWORD=… npm run test:lists -- [--repeats 5] [--only orders,board] [--json]
 * Each look is taken in a page loaded anew, so that nothing comes from the page's own memory: the first row from the beginning of the navigation, the
 * rest from the change of the address to the last row drawn. Ends with 1 when a median misses its goal.
 */
import { parseArgs } from 'node:util'
import { openBrowser } from './browser.ts'
import { firstRow, nextPage, turned, watchLooks } from './look-times.ts'
import { listLooks } from './list-looks.ts'
import type { Look } from './list-looks.ts'
import { signIn } from './sign-in.ts'
import type { Page } from 'playwright-core'

const { values } = parseArgs({
  options: { repeats: { type: 'string', default: '5' }, only: { type: 'string' }, json: { type: 'boolean', default: false } },
})
const hub = process.env['HUB_URL'] ?? 'http://127.0.0.1:8080'
const password = process.env['HUB_PASSWORD'] ?? ''
const name = process.env['HUB_USER'] ?? 'admin'
const repeats = Number(values.repeats)

interface Row {
  readonly page: string
  readonly look: string
  readonly median_ms: number
  readonly worst_ms: number
  /** Of these, what the answer took on its way from the hub; the median. */
  readonly answer_ms: number
  readonly goal_ms: number
  readonly rows: number
}

const middle = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN

const once = async (page: Page, look: Look): Promise<{ readonly ms: number; readonly answerMs: number }> => {
  const first = await firstRow(page, `${hub}${look.from ?? look.to}`, look)
  if (look.kind === 'first') return first
  return look.kind === 'turn' ? turned(page, look) : nextPage(page, look)
}

const measure = async (page: Page, look: Look): Promise<Row> => {
  await once(page, look) // the hub and PostgreSQL have seen the question before
  const times = []
  for (let n = 0; n < repeats; n += 1) times.push(await once(page, look))
  const all = times.map(({ ms }) => ms)
  return {
    page: look.page,
    look: look.name,
    median_ms: Math.round(middle(all)),
    worst_ms: Math.round(Math.max(...all)),
    answer_ms: Math.round(middle(times.map(({ answerMs }) => answerMs))),
    goal_ms: look.kind === 'first' ? 1000 : 500,
    rows: await page.locator(look.rows).count(),
  }
}

const failed = (look: Look, error: unknown): Row => {
  process.stderr.write(`${look.page}, ${look.name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n`)
  return { page: look.page, look: look.name, median_ms: Number.NaN, worst_ms: Number.NaN, answer_ms: Number.NaN, goal_ms: 0, rows: 0 }
}

const line = (row: Row): string =>
  `${row.page.padEnd(13)}${row.look.padEnd(34)}${String(row.median_ms).padStart(7)}${String(row.worst_ms).padStart(7)}${String(row.answer_ms).padStart(8)}${String(row.goal_ms).padStart(6)}  ${row.median_ms <= row.goal_ms ? 'yes' : 'NO'}${row.rows === 0 ? '  (nothing found)' : ''}`

const run = async (): Promise<void> => {
  if (password === '') throw new Error('Set HUB_PASSWORD to the password of HUB_USER (default admin), and HUB_URL to the address of a running hub.')
  const browser = await openBrowser()
  const found: Row[] = []
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en', reducedMotion: 'reduce' })
    await watchLooks(page)
    await signIn(page, hub, name, password)
    const looks = (await listLooks(page, hub)).filter((look) => values.only === undefined || values.only.split(',').includes(look.page))
    if (!values.json) console.log(`page         look                                 median  worst  answer  goal  met   (ms, ${repeats} times each)`)
    for (const look of looks) {
      const row = await measure(page, look).catch((error: unknown) => failed(look, error))
      found.push(row)
      if (!values.json) console.log(line(row))
    }
  } finally {
    await browser.close()
  }
  if (values.json) console.log(JSON.stringify(found, null, 2))
  if (found.some((row) => !(row.median_ms <= row.goal_ms))) process.exitCode = 1
}

await run()
