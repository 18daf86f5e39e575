import type { CheckStep } from '../../src/core/connector.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { pullListings } from './listings.ts'
import type { RestCall } from './manifest.ts'
import { changedOrders } from './pages.ts'

const DAY_MS = 86_400_000

/** Reads a page of whatever the settings describe, and says what came. Nothing is written. */
export async function check(call: RestCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  const read = await step({ en: 'Orders can be read', zh: '可读取订单' }, async () => {
    const now = call.now().getTime()
    const window = { from: new Date(now - DAY_MS).toISOString(), to: new Date(now).toISOString() }
    for await (const page of changedOrders(call, { window, after: undefined }))
      return `${page.entries.length} orders of the last day on the first page`
    return undefined
  })
  if (!read) return done
  if (call.config.listings)
    await step({ en: 'Listings can be read', zh: '可读取商品' }, async () => {
      for await (const page of pullListings(call, undefined)) return `${page.listings.length} listings on the first page`
      return undefined
    })
  return done
}
