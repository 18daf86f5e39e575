import type { Page } from 'playwright-core'

export interface Visit {
  readonly name: string
  readonly path: string
  /** Resolves when the page shows its content, not its skeleton. */
  readonly ready: (page: Page) => Promise<void>
}

const settled = async (page: Page): Promise<void> => {
  await page.locator('main#main').waitFor()
  await page.waitForFunction(() => document.querySelector('main .skel') === null)
  await page.waitForTimeout(300)
}

const visit = (name: string, path: string): Visit => ({ name, path, ready: settled })

const first = async (page: Page, hub: string, path: string): Promise<string | undefined> => {
  const answer = await page.request.get(`${hub}${path}`)
  const body: unknown = await answer.json()
  if (typeof body !== 'object' || body === null || !('items' in body) || !Array.isArray(body.items)) return undefined
  const item: unknown = body.items[0]
  return typeof item === 'object' && item !== null && 'id' in item ? String(item.id) : undefined
}

/** Opens the "why" of the first cell that has a number. */
const withWhy = async (page: Page): Promise<void> => {
  await settled(page)
  const cell = page.locator('.mcell:not(:has(.t3))').first()
  if ((await cell.count()) > 0) {
    await cell.click()
    await page.locator('.why').waitFor()
    await page.waitForTimeout(400)
    if (!(await page.locator('.why').isVisible())) throw new Error('the answer to "why" did not stay open')
  }
}

const withCommand = async (page: Page): Promise<void> => {
  await settled(page)
  await page.keyboard.press('Control+k')
  await page.locator('.command input').fill('no-such-order-99')
  await page.waitForTimeout(600)
}

/** Every page of the console, with the details of whatever stands first in each list. */
export const pagesOf = async (page: Page, hub: string): Promise<readonly Visit[]> => {
  const order = await first(page, hub, '/v1/orders?limit=1')
  const connection = await first(page, hub, '/v1/connections')
  const incident = await first(page, hub, '/v1/stock/incidents?limit=1')
  return [
    visit('orders', '/orders'),
    ...(order === undefined ? [] : [visit('orders-panel', `/orders?panel=${order}`), visit('order', `/orders/${order}`)]),
    visit('new-order', '/orders/new'),
    visit('board', '/board'),
    visit('board-wall', '/board?wall=1'),
    visit('alerts', '/alerts'),
    visit('alerts-rules', '/alerts?tab=rules'),
    visit('alerts-destinations', '/alerts?tab=destinations'),
    visit('failures', '/failures'),
    visit('stock', '/stock'),
    { name: 'stock-why', path: '/stock', ready: withWhy },
    visit('stock-places', '/stock/places'),
    visit('stock-bundles', '/stock/places?tab=bundles'),
    visit('stock-arrivals', '/stock/places?tab=arrivals'),
    visit('stock-plan', '/stock/plan'),
    visit('stock-plan-out', '/stock/plan?tab=out'),
    visit('stock-plan-proposals', '/stock/plan?tab=proposals'),
    visit('stock-plan-orders', '/stock/plan?tab=orders'),
    visit('stock-plan-suppliers', '/stock/plan?tab=suppliers'),
    visit('stock-takes', '/stock/takes'),
    visit('stock-rules', '/stock/rules'),
    visit('stock-rules-new', '/stock/rules?edit=new'),
    visit('stock-rules-history', '/stock/rules?view=history'),
    visit('incidents', '/stock/incidents?view=all'),
    ...(incident === undefined ? [] : [visit('incident', `/stock/incidents/${incident}`)]),
    visit('effects', '/effects'),
    visit('connections', '/connections'),
    visit('connection-new', '/connections/new'),
    ...(connection === undefined
      ? []
      : ['status', 'outbound', 'backfill', 'settings'].map((tab) => visit(`connection-${tab}`, `/connections/${connection}?tab=${tab}`))),
    visit('listings', '/listings'),
    visit('skus', '/listings?tab=skus'),
    visit('suggestions', '/listings?tab=suggestions'),
    visit('drift', '/drift?view=all'),
    visit('mappings', '/mappings'),
    ...(connection === undefined
      ? []
      : [visit('mapping', `/mappings?connection=${connection}`), visit('mapping-versions', `/mappings?connection=${connection}&view=versions`)]),
    visit('files', '/files'),
    visit('ledger', '/ledger'),
    ...['me', 'keys', 'consumers', 'people', 'privacy', 'sandbox', 'audit'].map((tab) => visit(`settings-${tab}`, `/settings?tab=${tab}`)),
    { name: 'command', path: '/orders', ready: withCommand },
  ]
}
