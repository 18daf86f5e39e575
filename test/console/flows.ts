import type { Page } from 'playwright-core'
import { askForMissing } from './ledger-flow.ts'
import { decideByKeys } from './privacy-flow.ts'
import { stockFlows } from './stock-flows.ts'
import { mailSupplyOrder } from './supply-mail-flow.ts'

type Flow = readonly [string, (page: Page, hub: string) => Promise<void>]

const firstOpenOrder = async (page: Page, hub: string): Promise<string> => {
  const body: unknown = await (await page.request.get(`${hub}/v1/orders?state=open&limit=1`)).json()
  const items: readonly unknown[] = typeof body === 'object' && body !== null && 'items' in body && Array.isArray(body.items) ? body.items : []
  const order = items[0]
  if (typeof order !== 'object' || order === null || !('id' in order)) throw new Error('the hub has no open order')
  return String(order.id)
}

/** Answers the dialog that asks for a reason. */
const withReason = async (page: Page, reason: string, action: string): Promise<void> => {
  const dialog = page.getByRole('dialog')
  await dialog.locator('input').fill(reason)
  await dialog.getByRole('button', { name: action }).click()
  await dialog.waitFor({ state: 'hidden' })
}

const holdAndRelease = async (page: Page, hub: string): Promise<void> => {
  await page.goto(`${hub}/orders/${await firstOpenOrder(page, hub)}`)
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Hold' }).click()
  await withReason(page, 'checking the address', 'Hold')
  const hold = page.locator('.note.warn', { hasText: 'checking the address' })
  await hold.waitFor()
  await hold.getByRole('button', { name: 'Release' }).click()
  await withReason(page, 'the address is fine', 'Release')
  await hold.waitFor({ state: 'detached' })
}

const dryRun = async (page: Page, hub: string): Promise<void> => {
  await page.goto(`${hub}/orders/${await firstOpenOrder(page, hub)}`)
  await page.getByRole('button', { name: 'Replay…' }).click()
  await page.getByText('nothing written').waitFor()
  const figures = await page.locator('.dry .big').allInnerTexts()
  if (figures.reduce((sum, figure) => sum + Number(figure), 0) !== 1) throw new Error(`the figures of one order add up to ${figures.join(' + ')}`)
}

const reveal = async (page: Page, hub: string): Promise<void> => {
  await page.goto(`${hub}/orders/${await firstOpenOrder(page, hub)}`)
  await page.getByRole('button', { name: 'Reveal' }).first().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reveal' }).click()
  await page.getByRole('button', { name: 'Hide' }).waitFor()
  await page.goto(`${hub}/settings?tab=audit`)
  await page.getByText('purpose: support').first().waitFor()
}

const stopAndResume = async (page: Page, hub: string): Promise<void> => {
  await page.goto(`${hub}/connections`)
  await page.locator('.band').waitFor()
  if (await page.locator('.outbound.stopped').isVisible()) {
    await page.locator('.outbound').click()
    await withReason(page, 'left stopped before', 'Resume outbound')
    await page.locator('.outbound:not(.stopped)').waitFor()
  }
  await page.locator('.outbound').click()
  await withReason(page, 'prices look wrong', 'Stop all outbound')
  await page.locator('.band.stopped', { hasText: 'prices look wrong' }).waitFor()
  await page.locator('.outbound.stopped').click()
  await withReason(page, 'prices are right', 'Resume outbound')
  await page.locator('.outbound:not(.stopped)').waitFor()
}

const askChannels = async (page: Page, hub: string): Promise<void> => {
  await page.goto(`${hub}/orders`)
  await page.locator('.order-rows [role=row]').nth(2).waitFor()
  await page.keyboard.press('Control+k')
  await page.locator('.command input').fill('no-such-order-424242')
  await page.getByRole('button', { name: 'Ask the channels' }).click()
  await page.locator('.command li').first().waitFor()
  await page.keyboard.press('Escape')
}

const flows: readonly Flow[] = [
  ...stockFlows,
  ['a hold by hand is placed and released', holdAndRelease],
  ['a dry run adds up', dryRun],
  ['personal data is shown for a purpose and noted', reveal],
  ['all outbound stops and resumes', stopAndResume],
  ['every channel is asked where an order is', askChannels],
  ['an order to a supplier is mailed, refused, and mailed again', mailSupplyOrder],
  ['what a buyer asks of their data is decided by keys', decideByKeys],
  ['a channel is asked what the hub misses, and it is read', askForMissing],
]

/** What people do, done in the browser against the running hub; one text per flow that did not work. */
export const checkFlows = async (page: Page, hub: string): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const [name, flow] of flows) {
    try {
      await flow(page, hub)
      console.log(`  flow: ${name}`)
    } catch (error) {
      problems.push(`flow: ${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    }
  }
  return problems
}
