/**
 * A day of a support person, in a real browser, first in English and then in Chinese:
 *   npm run test:mending
 * It starts a hub with its sandbox in a directory of its own; HUB_URL and HUB_PASSWORD (the administrator's) name a running one instead.
 * The shops get 10,000 orders. Thirteen causes are brought about at the shops alone, found among the failures, and mended and replayed in the
 * console with three clicks at most, counted; the mappings once more without the mouse. Then the hub is compared with the shops order by order,
 * and the ledger with their own lists. The administrator prepares and looks; what is mended is mended by a person with the role support.
 * Leaves screenshots in .tmp/screens. MEND_LANGUAGES=en · MEND_ONLY=carrier plays one cause · MEND_HANDS=mouse leaves the keyboard out, `keys` the
 * mouse · MEND_ORDERS=0 leaves the shops as they are.
 */
import { mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { openBrowser } from './browser.ts'
import { type Day, causes } from './causes.ts'
import { startThrowAwayHub } from '../e2e/clients/running-hub.ts'
import { Desk } from './desk.ts'
import { Hub, type Shop, eventually } from './mending.ts'
import { askLedger, compareWithShop } from './oracle.ts'
import { signIn } from './sign-in.ts'

const screens = process.env['HUB_SCREENS'] ?? '.tmp/screens'
const wanted = Number(process.env['MEND_ORDERS'] ?? 10_000)
const only = process.env['MEND_ONLY']
const DAYS = 6
const MOST_CLICKS = 3

const hands = (['mouse', 'keys'] as const).filter((one) => (process.env['MEND_HANDS'] ?? one) === one)
const languages = (['en', 'zh-CN'] as const).filter((one) => (process.env['MEND_LANGUAGES'] ?? one).split(',').includes(one))

/** History enough in one shop, read by the hub. */
async function fill(hub: Hub, woo: Shop): Promise<void> {
  const { all } = await hub.call('GET', `/v1/orders/counts?connection=${woo.connection}`)
  // The counts of the console end at 10,000.
  if (all >= Math.min(wanted, 9500)) return
  await woo.pull('seed-orders', { count: wanted - all, spreadDays: DAYS })
  const job = await hub.call('POST', `/v1/connections/${woo.connection}/backfill`, {
    from: new Date(Date.now() - (DAYS + 3) * 86_400_000).toISOString(),
    to: new Date().toISOString(),
  })
  await eventually('the history is read', async () => (await hub.call('GET', `/v1/jobs/${job.id}`)).state === 'done')
}

interface Person {
  readonly name: string
  readonly password: string
}

/** A person of the role support, new for this run. */
async function supporter(hub: Hub): Promise<Person> {
  const [name, password] = [`mei-${Date.now()}`, `Tea-cups-${Date.now()}-mended`]
  await hub.call('POST', '/v1/users', { name, roles: ['support'], password })
  return { name, password }
}

interface Played {
  readonly line: string
  readonly wrong?: string
}

const seconds = (from: number): number => Math.round((Date.now() - from) / 1000)

/** Plays one cause. The first figure of the time is the person's, the second begins where the shop brings the cause about. */
async function play({ name, play: playOne }: (typeof causes)[number], desk: Desk, day: Omit<Day, 'desk'>): Promise<Played> {
  const started = Date.now()
  desk.begin()
  try {
    const done = await playOne({ ...day, desk })
    if (desk.clicks > MOST_CLICKS) throw new Error(`${desk.clicks} clicks`)
    const own = desk.openedAt === undefined ? '–' : String(seconds(desk.openedAt))
    return { line: `| ${name} | ${desk.hands === 'keys' ? `0 (${desk.presses} keys)` : desk.clicks} | ${own} | ${seconds(started)} | ${done} |` }
  } catch (error) {
    await desk.shot(`failed-${name.replaceAll(' ', '-')}`)
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return { line: `| ${name} | not mended: ${why} | | ${seconds(started)} | |`, wrong: `${desk.language} ${desk.hands} ${name}: ${why}` }
  }
}

async function playDay(browser: Browser, language: 'en' | 'zh-CN', person: Person, day: Omit<Day, 'desk'>): Promise<readonly string[]> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: language, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await signIn(page, day.hub.url, person.name, person.password)
  const wrong: string[] = []
  for (const hand of hands) {
    console.log(`\n${language}, ${hand}\n\n| cause | clicks | seconds of the person | seconds in all | went through again |\n|---|---|---|---|---|`)
    const wanted = causes.filter((one) => (only === undefined ? hand === 'mouse' || one.mapping === true : one.name.includes(only)))
    for (const cause of wanted) {
      const played = await play(cause, new Desk(page, day.hub, { language, hands: hand, screens }), day)
      console.log(played.line)
      if (played.wrong !== undefined) wrong.push(played.wrong)
    }
  }
  await context.close()
  return wrong
}

/** The last orders may still be on their way. */
async function settled(hub: Hub, shop: Shop): ReturnType<typeof compareWithShop> {
  let found = await compareWithShop(hub, shop)
  for (let left = 6; found.wrong.length > 0 && left > 0; left -= 1) {
    await sleep(10_000)
    found = await compareWithShop(hub, shop)
  }
  return found
}

/** Every order with its shop's own record, every business day with the channel's own list. */
async function compareAll(hub: Hub, shops: readonly Shop[]): Promise<readonly string[]> {
  const orders = await Promise.all(shops.map((one) => settled(hub, one)))
  // All are asked before the first answer is waited for: some take minutes.
  const answers = await Promise.all(shops.map((one) => askLedger(hub, one, DAYS + 1)))
  const ledger = await Promise.all(answers.map((answer) => answer()))
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
  const [compared, days] = [sum(orders.map((one) => one.compared)), sum(ledger.map((one) => one.days))]
  console.log(`\n${compared} orders compared with their shops, ${days} business days with the channels' own lists`)
  return [...orders.flatMap((one) => one.wrong), ...ledger.flatMap((one) => one.red)]
}

await mkdir(screens, { recursive: true })
const own = process.env['HUB_URL'] === undefined ? await startThrowAwayHub() : undefined
const browser = await openBrowser()
const wrong: string[] = []
try {
  const office = await browser.newContext()
  const hub = new Hub(office.request, own?.url ?? process.env['HUB_URL'] ?? '')
  await hub.signIn(process.env['HUB_USER'] ?? 'admin', own?.password ?? process.env['HUB_PASSWORD'] ?? '')
  const shops = await hub.shops()
  const shop = (name: string): Shop => {
    const found = shops.find((one) => one.name === name)
    if (!found) throw new Error(`the hub has no sandbox shop ${name}`)
    return found
  }
  for (const one of shops) await one.pull('trickle', { perMinute: 0 })
  await fill(hub, shop('woo-eu'))
  await hub.arm(shop('taobao-cn').connection, 'shipments')
  const person = await supporter(hub)
  for (const language of languages) wrong.push(...(await playDay(browser, language, person, { hub, shop })))
  wrong.push(...(await compareAll(hub, shops)))
} finally {
  await browser.close()
  await own?.stop()
}
for (const one of wrong.slice(0, 40)) console.log(`  wrong   ${one}`)
console.log(wrong.length === 0 ? 'every cause was mended, and hub and shops agree' : `${wrong.length} wrong`)
process.exit(wrong.length === 0 ? 0 : 1)
