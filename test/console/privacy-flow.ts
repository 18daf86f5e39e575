import type { Page } from 'playwright-core'
import { accessibilityProblems } from './accessibility.ts'
import { Hub, eventually } from './mending.ts'

/** Most steps of the tabulator from the head of the page to a button on it. */
const MOST_TABS = 80

interface Request {
  readonly id: string
  readonly ask: string
  readonly state: string
  readonly reason: string | null
}

/** A channel passes on that a buyer asks what is held of them; a person leaves it with a reason, and never touches the mouse. */
export async function decideByKeys(page: Page, hub: string): Promise<void> {
  const office = new Hub(page.request, hub)
  const shopify = (await office.shops()).find(({ name }) => name === 'shopify-us')
  if (!shopify) throw new Error('the hub has no sandbox shop shopify-us')
  const { webhook } = await office.call('GET', `/v1/connections/${shopify.connection}`)
  const requests = async (): Promise<readonly Request[]> => (await office.call('GET', '/v1/privacy/requests')).items
  const known = new Set((await requests()).map(({ id }) => id))
  await shopify.pull('send-topic', { topic: 'customers/data_request', url: webhook.url })
  let asked: Request | undefined
  await eventually('the request stands among those to be decided', async () => {
    asked = (await requests()).find(({ id, state }) => !known.has(id) && state === 'open')
    return asked?.ask === 'export'
  })
  await page.goto(`${hub}/settings?tab=privacy`)
  const leave = page.getByRole('button', { name: /^Leave: / }).first()
  await leave.waitFor()
  const problems = await accessibilityProblems(page)
  if (problems.length > 0) throw new Error(problems.join('; '))
  for (let tabs = 0; !(await leave.evaluate((one) => one === document.activeElement)); tabs += 1) {
    if (tabs === MOST_TABS) throw new Error('the keyboard does not reach the decision')
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Enter')
  await page.locator('[role="dialog"] input:focus').waitFor()
  await page.keyboard.type('asked by phone and answered')
  await page.keyboard.press('Enter')
  await page.getByText('asked by phone and answered').first().waitFor()
  const decided = (await requests()).find(({ id }) => id === asked?.id)
  if (decided?.state !== 'dismissed' || decided.reason !== 'asked by phone and answered') throw new Error(`the request is ${decided?.state}`)
}
