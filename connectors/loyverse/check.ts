import type { CheckStep } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { read } from './client.ts'
import type { LoyverseCall } from './manifest.ts'

/** The token and the store first, then each capability by a read that costs little. */
export async function check(call: LoyverseCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  if (!(await step({ en: 'The store is there', zh: '门店存在' }, () => store(call)))) return done
  const can = (label: CheckStep['step'], path: string, query: Readonly<Record<string, string>>): Promise<boolean> =>
    step(label, async () => {
      await read(call, path, { ...query, limit: '1' })
      return undefined
    })
  await can({ en: 'Receipts can be read', zh: '可读取小票' }, 'receipts', { store_id: call.config.storeId })
  await can({ en: 'Items can be read', zh: '可读取商品' }, 'items', {})
  await can({ en: 'Stock can be read', zh: '可读取库存' }, 'inventory', { store_ids: call.config.storeId })
  return done
}

/** Receipts do not name their currency: it is shown, to be compared with that of the connection. */
async function store(call: LoyverseCall): Promise<string> {
  const { doc } = await read(call, 'stores', { store_ids: call.config.storeId })
  const found = listField(doc, 'stores').find((each) => textField(each, 'id')?.toLowerCase() === call.config.storeId.toLowerCase())
  if (found === undefined) throw new ChannelError({ kind: 'misconfigured', code: 'store-unknown', message: 'This account has no such store.' })
  const merchant = await read(call, 'merchant')
  return `${textField(found, 'name') ?? ''} ${textField(field(merchant.doc, 'currency'), 'code') ?? ''}`.trim()
}
