/**
 * A day of a support person, in a real browser against a running hub with its sandbox:
 *   HUB_URL=http://127.0.0.1:8080 HUB_PASSWORD=… npx tsx test/console/failures.browser.ts
 * The shops get 10,000 orders. Twelve causes are brought about at the shops alone, found among the failures, and mended and replayed in the
 * console with three clicks at most, counted; then the hub is compared with the shops order by order, and the ledger with their own lists.
 * HUB_PASSWORD is the administrator's, who prepares and looks; what is mended is mended by a person with the role support.
 * Leaves screenshots in .tmp/screens. MEND_ONLY=carrier plays one cause; MEND_ORDERS=0 leaves the shops as they are.
 */
import { mkdir } from 'node:fs/promises'
import { chromium } from 'playwright-core'
import { causes } from './causes.ts'
import { Desk, Hub, type Shop, eventually } from './mending.ts'
import { compareWithShop, ledgerOf } from './oracle.ts'
import { signIn } from './sign-in.ts'

const url = process.env['HUB_URL'] ?? 'http://127.0.0.1:8080'
const screens = process.env['HUB_SCREENS'] ?? '.tmp/screens'
const wanted = Number(process.env['MEND_ORDERS'] ?? 10_000)
const only = process.env['MEND_ONLY']
const DAYS = 6
const MOST_CLICKS = 3

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

/** A person of the role support, new for this run. */
async function supporter(hub: Hub): Promise<{ readonly name: string; readonly password: string }> {
  const [name, password] = [`mei-${Date.now()}`, `Tea-cups-${Date.now()}-mended`]
  await hub.call('POST', '/v1/users', { name, roles: ['support'], password })
  return { name, password }
}

async function mend(desk: Desk, hub: Hub, shop: (name: string) => Shop, language: string): Promise<readonly string[]> {
  const failed: string[] = []
  for (const [name, play] of causes.filter(([cause]) => only === undefined || cause.includes(only))) {
    const started = Date.now()
    try {
      desk.clicks = 0
      await play({ hub, desk, shop })
      if (desk.clicks > MOST_CLICKS) throw new Error(`${desk.clicks} clicks`)
      console.log(`  ok      ${language} ${name}: ${desk.clicks} clicks, ${Math.round((Date.now() - started) / 1000)} s`)
    } catch (error) {
      await desk.shot(`failed-${name.replaceAll(' ', '-')}`)
      failed.push(`${language} ${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
      console.log(`  not ok  ${failed.at(-1)}`)
    }
  }
  return failed
}

await mkdir(screens, { recursive: true })
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const wrong: string[] = []
try {
  const office = await browser.newContext()
  const hub = new Hub(office.request, url)
  await hub.signIn(process.env['HUB_USER'] ?? 'admin', process.env['HUB_PASSWORD'] ?? '')
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
  for (const language of (process.env['MEND_LANGUAGES'] ?? 'en,zh-CN').split(',')) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: language, reducedMotion: 'reduce' })
    const page = await context.newPage()
    await signIn(page, url, person.name, person.password)
    wrong.push(...(await mend(new Desk(page, hub, language === 'en' ? 'en' : 'zh-CN', screens), hub, shop, language)))
    await context.close()
  }
  let compared = 0
  let days = 0
  for (const one of shops) {
    const orders = await compareWithShop(hub, one)
    const ledger = await ledgerOf(hub, one, DAYS + 1)
    compared += orders.compared
    days += ledger.days
    wrong.push(...orders.wrong, ...ledger.red)
  }
  console.log(`  ${compared} orders compared with their shops, ${days} business days with the channels' own lists`)
} finally {
  await browser.close()
}
for (const one of wrong.slice(0, 40)) console.log(`  wrong   ${one}`)
console.log(wrong.length === 0 ? 'every cause was mended, and hub and shops agree' : `${wrong.length} wrong`)
process.exit(wrong.length === 0 ? 0 : 1)
