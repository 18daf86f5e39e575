import type { CheckStep } from '../../src/core/connector.ts'
import { textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { read } from './client.ts'
import { firstMarketplace, listingPath } from './listings.ts'
import type { AmazonCall } from './manifest.ts'
import { listOrderIds } from './orders.ts'
import { refundsPage } from './refunds.ts'

/** The login first, then each role by a read. One costs a page of orders, of which there are few. */
export async function check(call: AmazonCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  const login = async (): Promise<undefined> => void (await call.renew(await call.tokens()))
  if (!(await step({ en: 'The seller has authorised the app', zh: '卖家已授权应用' }, login))) return done
  const before = (ms: number): string => new Date(call.now().getTime() - ms).toISOString()
  await step({ en: 'Orders can be read', zh: '可读取订单' }, async () => {
    for await (const ids of listOrderIds(call, { from: before(3_600_000), to: call.now().toISOString() })) return `${ids.length}`
    return '0'
  })
  await step({ en: 'Listings can be read', zh: '可读取商品' }, async () => {
    const query = { marketplaceIds: firstMarketplace(call), pageSize: '1' }
    const { doc } = await read(call, { limit: 'searchListingsItems', path: listingPath(call), query })
    return textField(doc, 'numberOfResults') ?? '0'
  })
  await step({ en: 'Refunds can be read', zh: '可读取退款' }, async () => {
    const { records } = await refundsPage(call, { after: before(3_600_000), token: undefined })
    return String(records.length)
  })
  return done
}
