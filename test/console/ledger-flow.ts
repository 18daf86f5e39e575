import type { Page } from 'playwright-core'
import { Hub } from './mending.ts'

const ANSWERED_MS = 120_000
const DAY_MS = 86_400_000

/**
 * Nobody told the hub of orders a shop has: a person asks the channel for its own list of the day, sees what is missing, has it read, and the day agrees.
 * A channel that cannot be asked says why.
 */
export async function askForMissing(page: Page, hub: string): Promise<void> {
  const office = new Hub(page.request, hub)
  const woo = (await office.shops()).find(({ name }) => name === 'woo-eu')
  if (!woo) throw new Error('the hub has no sandbox shop woo-eu')
  await woo.pull('seed-orders', { count: 12, spreadDays: 3 })
  const day = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10)
  await page.goto(`${hub}/ledger?connection=${woo.connection}&open=${woo.connection}/${day}`)
  const card = page.locator('.ledger-detail')
  const ask = card.getByRole('button', { name: /^Ask the channel/ })
  await woo.pull('fault', { kind: 'unauthorized', match: { path: '/orders' } })
  try {
    await ask.click()
    await card.getByText('The channel could not be asked').waitFor({ timeout: ANSWERED_MS })
  } finally {
    await woo.pull('clear-faults', {})
  }
  await ask.click()
  await card.getByRole('button', { name: /^Missing in the hub \d/ }).click({ timeout: ANSWERED_MS })
  await card.getByRole('row').filter({ hasText: 'Missing in the hub' }).first().waitFor()
  await card.getByRole('button', { name: 'Read what is missing' }).click()
  await card.getByText('being read again').waitFor()
  await card.getByRole('button', { name: 'Differences' }).click()
  await card.getByText('Every order agrees.').waitFor({ timeout: ANSWERED_MS })
  await card.locator('.card-head').getByText('Complete').waitFor({ timeout: ANSWERED_MS })
  await page.locator('.ledger-day.lit', { hasText: /^\d+/ }).and(page.locator('.green')).waitFor({ timeout: 15_000 })
  const found = await office.call('GET', `/v1/ledger/${woo.connection}/${day}`)
  if (found.state !== 'green' || found.channel.orders !== found.hub.orders || found.channel.set_hash !== found.hub.set_hash)
    throw new Error(`the day is ${found.state}: ${found.channel.orders} at the channel, ${found.hub.orders} here`)
}
