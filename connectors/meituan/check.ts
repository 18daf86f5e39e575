import type { CheckStep } from '../../src/core/connector.ts'
import { textField, field } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { read } from './client.ts'
import type { MeituanCall } from './manifest.ts'
import { newestOf } from './orders.ts'

/** App, secret and shop first, by the cheapest call there is, then the goods. */
export async function check(call: MeituanCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  const isIn = await step({ en: 'The gateway accepts the signature, orders can be read', zh: '验签通过，可读取订单' }, async () => {
    const newest = await newestOf(call)
    return `${newest}`
  })
  if (!isIn) return done
  await step({ en: 'Products can be read', zh: '可读取商品' }, async () => {
    const { doc } = await read(call, 'retail/list', { app_poi_code: call.config.shopId, offset: 0, limit: 1 })
    return textField(field(doc, 'extra_info'), 'total_count')
  })
  return done
}
