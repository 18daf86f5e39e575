import type { CheckStep } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { get } from './client.ts'
import type { MedusaCall } from './manifest.ts'

/** The key first, then each kind of thing by a read that costs little, and the stock location. */
export async function check(call: MedusaCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  const counted = (path: string, what: string) => async (): Promise<string> => {
    const { doc } = await get(call, path, { limit: 1, fields: 'id' })
    return `${textField(doc, 'count') ?? '?'} ${what}`
  }
  if (!(await step({ en: 'Orders can be read', zh: '可读取订单' }, counted('orders', 'orders')))) return done
  await step({ en: 'Products can be read', zh: '可读取商品' }, counted('product-variants', 'variants'))
  await step({ en: 'Stock can be read', zh: '可读取库存' }, counted('inventory-items', 'inventory items'))
  await step({ en: 'Stock location', zh: '库存地点' }, () => location(call))
  return done
}

async function location(call: MedusaCall): Promise<string> {
  const { doc } = await get(call, 'stock-locations', { limit: 100, fields: 'id,name' })
  const all = listField(doc, 'stock_locations')
  const wanted = call.config.locationId
  const isClear = wanted === undefined ? all.length === 1 : all.some((one) => textField(one, 'id') === wanted)
  const names = all.map((one) => `${textField(one, 'id') ?? ''} ${textField(one, 'name') ?? ''}`).join(', ')
  if (!isClear)
    throw new ChannelError({ kind: 'misconfigured', code: 'stock-location', message: `Choose a stock location in the settings: ${names}.` })
  return names
}
