import type { Page } from 'playwright-core'

type Flow = readonly [string, (page: Page, hub: string) => Promise<void>]

const stamp = (): string => Date.now().toString(36).toUpperCase()
const dialogOf = (page: Page) => page.getByRole('dialog').last()

/** Chooses the entry of a select that begins with what is typed into it. */
const choose = async (page: Page, label: string, text: string): Promise<void> => {
  await dialogOf(page).getByLabel(label, { exact: true }).first().click()
  await page.keyboard.type(text)
  const exact = new RegExp(`^${text.replaceAll(/[^\w ]/g, String.raw`\$&`)}( |$)`)
  await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option', { hasText: exact }).first().click()
}

const items = async (page: Page, address: string): Promise<readonly Record<string, unknown>[]> => {
  const body: unknown = await (await page.request.get(address)).json()
  if (typeof body !== 'object' || body === null || !('items' in body) || !Array.isArray(body.items)) throw new Error(`${address} has no items`)
  return body.items
}

/** A counted item that is no bundle. */
const anItem = async (page: Page, hub: string): Promise<string> => {
  const found = (await items(page, `${hub}/v1/stock/plan?limit=50`)).find((row) => row['counted'] === true && Number(row['available']) > 3)
  if (!found) throw new Error('the hub has no counted item')
  return String(found['sku'])
}
const stockOf = async (page: Page, hub: string, sku: string): Promise<Record<string, unknown>> =>
  (await items(page, `${hub}/v1/stock?sku=${encodeURIComponent(sku)}`))[0] ?? {}

const stockTake = async (page: Page, hub: string): Promise<void> => {
  const sku = await anItem(page, hub)
  await page.goto(`${hub}/stock/takes`)
  await page.getByRole('button', { name: 'New stock-take' }).click()
  await choose(page, 'Add an item', sku)
  const before = Number((await stockOf(page, hub, sku))['on_hand'])
  await page.getByLabel(`Counted pieces of ${sku}`, { exact: true }).fill(String(before + 2))
  await dialogOf(page).getByText('+2').waitFor()
  await dialogOf(page).getByRole('button', { name: 'Book' }).click()
  await page.locator('section', { hasText: 'Differences' }).getByText('+2').waitFor()
  const after = Number((await stockOf(page, hub, sku))['on_hand'])
  if (after !== before + 2) throw new Error(`${sku} has ${after}, was ${before}`)
}

const supplyOrder = async (page: Page, hub: string): Promise<void> => {
  const sku = await anItem(page, hub)
  const name = `Supplier ${stamp()}`
  await page.goto(`${hub}/stock/plan?tab=suppliers`)
  await page.getByRole('button', { name: 'Add a supplier' }).click()
  await dialogOf(page).getByLabel('Name').fill(name)
  await dialogOf(page).getByLabel('E-mail').fill('orders@supplier.example')
  await dialogOf(page).getByRole('button', { name: 'Save' }).click()
  await page.getByRole('cell', { name, exact: true }).waitFor()
  // What it has is far from enough for so long a delivery.
  await page.goto(`${hub}/stock/plan?tab=all&q=${encodeURIComponent(sku)}`)
  await page.getByRole('button', { name: `Edit ${sku}`, exact: true }).click()
  await choose(page, 'Supplier', name)
  await dialogOf(page).getByLabel('Pieces in a pack').fill('6')
  await dialogOf(page).getByRole('button', { name: 'Save' }).click()
  await dialogOf(page).waitFor({ state: 'hidden' })
  const safety = String(Math.ceil(Number((await stockOf(page, hub, sku))['on_hand'])) + 100)
  await page.request.post(`${hub}/v1/stock/safety`, { data: { items: [{ sku, safety }] }, headers: { origin: hub } })
  const [supplier] = (await items(page, `${hub}/v1/suppliers`)).filter((one) => one['name'] === name)
  await page.goto(`${hub}/stock/plan?tab=proposals&supplier=${String(supplier?.['id'])}`)
  await page.getByRole('button', { name: 'Note an order (1)' }).click()
  const ref = `PO-${stamp()}`
  await dialogOf(page).getByLabel('Order number').fill(ref)
  await dialogOf(page).getByRole('button', { name: 'Save' }).click()
  await page.getByText('Nothing has to be ordered').waitFor()
  await page.request.post(`${hub}/v1/stock/safety`, { data: { items: [{ sku, safety: '0' }] }, headers: { origin: hub } })
  await page.goto(`${hub}/stock/plan?tab=orders`)
  await page.getByRole('button', { name: `It was sent: ${ref}` }).click()
  await page.locator('tr', { hasText: ref }).getByText('sent, says').waitFor()
  await page.goto(`${hub}/stock/places?tab=arrivals`)
  await page.getByRole('button', { name: `Take in ${ref}/1` }).click()
  await dialogOf(page).getByRole('button', { name: 'Save' }).click()
  await page.locator('section', { hasText: 'Came in the last week' }).getByText(sku).first().waitFor()
}

const keepBack = async (page: Page, hub: string): Promise<void> => {
  const sku = await anItem(page, hub)
  await page.goto(`${hub}/stock?q=${encodeURIComponent(sku)}`)
  const row = page.getByRole('row').filter({ has: page.locator('.fixed', { hasText: sku }) })
  await row.first().waitFor()
  await page.locator('[data-cell]:not(:has-text("Not bound"))').first().click()
  await page.locator('.why').waitFor()
  await page.getByLabel('pieces ±').fill('1')
  await page.locator('.why').getByLabel('Why', { exact: true }).first().fill('scratched')
  await page.getByRole('button', { name: 'Put aside', exact: true }).click()
  await page.locator('.why').getByText('Put aside: 1').waitFor()
  await page.getByLabel('pieces ±').fill('-1')
  await page.locator('.why').getByLabel('Why', { exact: true }).first().fill('fine again')
  await page.getByRole('button', { name: 'Bring back', exact: true }).click()
  await page.locator('.why').getByText('Put aside: 0').waitFor()
  await page.getByLabel('Why', { exact: true }).last().fill('recall')
  await page.getByRole('button', { name: 'Pause on all channels' }).click()
  await page.keyboard.press('Escape')
  await row.first().getByText('Paused').first().waitFor()
  await page.request.post(`${hub}/v1/skus/${encodeURIComponent(sku)}/resume`, { data: { reason: 'over' }, headers: { origin: hub } })
}

const placesAndBundles = async (page: Page, hub: string): Promise<void> => {
  const [sku, id] = [await anItem(page, hub), `east-${stamp().toLowerCase()}`]
  await page.goto(`${hub}/stock/places`)
  await page.getByRole('button', { name: 'Add a place' }).click()
  await dialogOf(page).getByLabel('Id', { exact: false }).first().fill(id)
  await dialogOf(page).getByLabel('Place', { exact: false }).first().fill(`East ${id}`)
  await dialogOf(page).getByRole('button', { name: 'Save' }).click()
  await page
    .getByRole('cell', { name: `East ${id}` })
    .first()
    .waitFor()
  const box = `BOX-${stamp()}`
  await page.request.post(`${hub}/v1/skus`, { data: { items: [{ sku: box, title: 'Box' }] }, headers: { origin: hub } })
  await page.goto(`${hub}/stock/places?tab=bundles`)
  await page.getByRole('button', { name: 'Add a bundle' }).click()
  await choose(page, 'Bundle', box)
  await choose(page, 'Part 1', sku)
  await dialogOf(page).getByRole('button', { name: 'Save' }).click()
  await page.getByRole('row').filter({ hasText: box }).waitFor()
  await page.getByRole('button', { name: `Dissolve bundle ${box}` }).click()
  await dialogOf(page).getByRole('button', { name: 'Save' }).click()
  await page.getByRole('row').filter({ hasText: box }).waitFor({ state: 'detached' })
}

/** What people do with stock, in the browser. */
export const stockFlows: readonly Flow[] = [
  ['a stock-take is typed in and its difference booked', stockTake],
  ['a proposal is ordered, the supplier told, and the goods come', supplyOrder],
  ['pieces are put aside and brought back, an item is paused', keepBack],
  ['a place and a bundle are made', placesAndBundles],
]
