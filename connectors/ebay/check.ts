import type { CheckStep } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { textField } from '../../src/kit/read.ts'
import { appToken, rest, trading, xmlAll, xmlValue } from './client.ts'
import type { EbayCall } from './manifest.ts'
import { publicKey } from './subscriptions.ts'
import { keysOf } from './webhooks.ts'

/** The seller's agreement first, then each capability by a read that costs little. */
export async function check(call: EbayCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  if (!(await step({ en: 'The seller has agreed, and orders can be read', zh: '卖家已授权，可读取订单' }, () => orders(call)))) return done
  await step({ en: 'Inventory items can be read', zh: '可读取库存商品' }, async () => {
    const { doc } = await rest(call, { method: 'GET', path: '/sell/inventory/v1/inventory_item?limit=1&offset=0', limit: 'inventory' })
    return textField(doc, 'total') ?? '0'
  })
  await step({ en: 'Listings can be read', zh: '可读取刊登' }, async () => {
    const page = '<Pagination><EntriesPerPage>1</EntriesPerPage><PageNumber>1</PageNumber></Pagination>'
    const root = await trading(call, 'GetMyeBaySelling', `<ActiveList><Include>true</Include>${page}</ActiveList>`)
    return xmlValue(xmlAll(root, 'ActiveList')[0], 'PaginationResult', 'TotalNumberOfEntries') ?? '0'
  })
  const keys = keysOf(call.secrets)
  if (call.secrets.notificationKeys !== undefined) await step({ en: 'Keys of notifications stand', zh: '通知公钥有效' }, () => keysStand(call, keys))
  return done
}

async function orders(call: EbayCall): Promise<string> {
  const from = new Date(call.now().getTime() - 86_400_000).toISOString()
  const query = new URLSearchParams({ filter: `lastmodifieddate:[${from}..]`, limit: '1', offset: '0' })
  const { doc } = await rest(call, { method: 'GET', path: `/sell/fulfillment/v1/order?${query.toString()}`, limit: 'fulfillment' })
  return textField(doc, 'total') ?? '0'
}

/** Each key as eBay hands it out now. */
async function keysStand(call: EbayCall, keys: ReadonlyMap<string, string>): Promise<string> {
  if (keys.size === 0)
    throw new ChannelError({ kind: 'misconfigured', code: 'key-list', message: 'Enter <key id>=<key>, several with commas between.' })
  const token = await appToken(call)
  for (const [kid, key] of keys) {
    if ((await publicKey(call, token, kid)) === key) continue
    throw new ChannelError({ kind: 'misconfigured', code: 'key-changed', message: `eBay hands out another key under ${kid}, or none.` })
  }
  return String(keys.size)
}
