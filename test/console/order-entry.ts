import type { Page } from 'playwright-core'
import { accessibilityProblems } from './accessibility.ts'

const setUp = async (page: Page, hub: string): Promise<void> => {
  const headers = { origin: hub }
  const post = async (path: string, data: unknown): Promise<void> => {
    const answer = await page.request.post(`${hub}${path}`, { headers, data })
    if (!answer.ok() && answer.status() !== 409) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`)
  }
  await post('/v1/skus', { items: [{ sku: 'ENTRY-TEA', title: 'Green tea, tin of 250 g', barcode: '6901234567892' }] })
  await post('/v1/stock', { items: [{ sku: 'ENTRY-TEA', on_hand: '40' }] })
}

const countOf = async (page: Page, hub: string, number: string): Promise<number> => {
  const body: unknown = await (await page.request.get(`${hub}/v1/orders?q=${encodeURIComponent(number)}`)).json()
  return typeof body === 'object' && body !== null && 'items' in body && Array.isArray(body.items) ? body.items.length : -1
}

const saved = (page: Page, words: string): Promise<void> => page.getByRole('status', { name: 'The saved order' }).getByText(words).waitFor()

/** Goods by keyboard alone: the code, Tab takes what was found, then from field to field. */
const typeGoods = async (page: Page): Promise<void> => {
  const sku = page.getByRole('combobox', { name: 'SKU of line 1' })
  await sku.click()
  await sku.fill('entry-tea')
  await page.locator('.ant-select-item-option', { hasText: 'Green tea' }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.type('2')
  await page.keyboard.press('Tab')
  await page.keyboard.type('15.50')
  await page.keyboard.press('Tab')
  await page.keyboard.type('1.00')
}

/**
 * An order is typed in, saved, saved again, changed, and found by the caller's phone number at the next call.
 * One text for each thing that went wrong.
 */
export const checkOrderEntry = async (page: Page, hub: string, screens: string): Promise<readonly string[]> => {
  const problems: string[] = []
  await setUp(page, hub)
  await page.goto(`${hub}/orders/new`)
  const make = page.getByRole('button', { name: 'Make the connection' })
  await make
    .or(page.getByRole('button', { name: 'Add a line' }))
    .first()
    .waitFor()
  if (await make.isVisible()) await make.click()
  await page.getByRole('button', { name: 'Add a line' }).waitFor()
  const number = await page.getByLabel('Order number').inputValue()
  await page.keyboard.press('Control+Enter')
  await page.getByText(/fields need a look/).waitFor()
  await page.screenshot({ path: `${screens}/entry-errors.png` })
  problems.push(...(await accessibilityProblems(page)).map((one) => `order entry with errors: ${one}`))
  await typeGoods(page)
  for (const [name, text] of [
    ['Name', '王小明'],
    ['Phone', '13912345678'],
    ['City', '杭州市'],
    ['Street and number', '文三路 100 号'],
    ['Shipping fee', '8'],
  ])
    await page.getByLabel(name ?? '', { exact: true }).fill(text ?? '')
  await page.locator('.entry-sums', { hasText: '38.00' }).waitFor()
  await page.keyboard.press('Control+Enter')
  await saved(page, 'The order is saved')
  await page.screenshot({ path: `${screens}/entry-saved.png`, fullPage: true })
  problems.push(...(await accessibilityProblems(page)).map((one) => `order entry, saved: ${one}`))
  await page.keyboard.press('Control+Enter')
  await saved(page, 'Nothing changed')
  await page.getByLabel('For colleagues only').fill('calls back at five')
  await page.keyboard.press('Control+Enter')
  await saved(page, 'The order is changed')
  const count = await countOf(page, hub, number)
  if (count !== 1) problems.push(`order entry: ${count} orders came of one form saved three times`)
  problems.push(...(await nextCall(page, number, screens)))
  console.log('  flow: an order is typed in, and saving it again makes no second one')
  return problems
}

/** The same caller again: found by the last four digits, the address taken over, a number that is taken refused. */
const nextCall = async (page: Page, taken: string, screens: string): Promise<readonly string[]> => {
  await page.getByRole('button', { name: 'Next order' }).click()
  const field = page.getByLabel('Order number')
  const number = await field.inputValue()
  const problems = number === taken ? ['order entry: the next order has the number of the one before'] : []
  await page.getByLabel('Find an earlier buyer').fill('5678')
  await page.getByRole('button', { name: 'Use this address' }).first().waitFor()
  await page.screenshot({ path: `${screens}/entry-found.png` })
  if (await page.getByText('13912345678').isVisible()) problems.push('order entry: a phone number is shown in clear before anybody asked for it')
  await page.getByRole('button', { name: 'Use this address' }).first().click()
  await page.waitForFunction(() => [...document.querySelectorAll('input')].some((input) => input.value === '13912345678'))
  await typeGoods(page)
  await field.fill(taken)
  await page.keyboard.press('Control+Enter')
  await page.getByText('There is an order with this number already').waitFor()
  await field.fill(number)
  await page.keyboard.press('Control+Enter')
  await saved(page, 'The order is saved')
  return problems
}

/** A dealer with one connection: the form, its own orders, a password, and nothing else. `page` is signed in as an administrator, `own` by nobody. */
export const checkDealer = async (page: Page, own: Page, hub: string, screens: string): Promise<readonly string[]> => {
  const problems: string[] = []
  const body: unknown = await (await page.request.get(`${hub}/v1/push-connections`)).json()
  const items: readonly unknown[] = typeof body === 'object' && body !== null && 'items' in body && Array.isArray(body.items) ? body.items : []
  const place = items[0]
  if (typeof place !== 'object' || place === null || !('id' in place)) throw new Error('there is no connection for orders by hand')
  const name = `dealer-${Date.now()}`
  const made = await page.request.post(`${hub}/v1/users`, {
    headers: { origin: hub },
    data: { name, password: 'A first long secret 1', roles: ['dealer'], connections: [place.id] },
  })
  if (!made.ok()) throw new Error(`the dealer was not made: ${made.status()} ${await made.text()}`)
  await own.goto(`${hub}/login`)
  await own.locator('input[name="name"]').fill(name)
  await own.locator('input[name="password"]').fill('A first long secret 1')
  await own.locator('button[type="submit"]').click()
  await own.locator('input[name="current"]').fill('A first long secret 1')
  await own.locator('input[name="next"]').fill('A second long secret 2')
  await own.locator('button[type="submit"]').click()
  await own.getByRole('button', { name: 'Add a line' }).waitFor()
  const pages = await own.locator('nav.nav a.item').allInnerTexts()
  if (pages.map((one) => one.trim()).join() !== 'New order,Settings') problems.push(`a dealer sees the pages ${pages.join(', ')}`)
  await typeGoods(own)
  await own.getByLabel('Kind of order').focus()
  for (const key of ['Enter', 'ArrowDown', 'ArrowDown', 'Enter']) {
    await own.keyboard.press(key)
    await own.waitForTimeout(200)
  }
  await own.getByRole('heading', { name: 'Buyer' }).waitFor()
  await own.keyboard.press('Control+Enter')
  await saved(own, 'The order is saved')
  await own.screenshot({ path: `${screens}/entry-dealer.png`, fullPage: true })
  problems.push(...(await accessibilityProblems(own)).map((one) => `a dealer's page: ${one}`))
  for (const path of ['/v1/orders', '/v1/connections', '/v1/stock', '/v1/overview']) {
    const status = (await own.request.get(`${hub}${path}`)).status()
    if (status !== 403) problems.push(`a dealer gets ${status} from ${path}`)
  }
  await own.goto(`${hub}/connections`)
  await own.getByRole('button', { name: 'Add a line' }).waitFor()
  console.log('  flow: a dealer sends an order and sees nothing else of the hub')
  return problems
}
