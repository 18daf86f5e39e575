import type { CheckStep } from '../../src/core/connector.ts'
import { textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { criteria, send } from './client.ts'
import type { MagentoCall } from './manifest.ts'

/** Cheap calls that show a person what works and what does not. */
export async function check(call: MagentoCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  const isOpen = await step({ en: 'Products can be read', zh: '可读取商品' }, async () => {
    const { doc } = await send(call, { path: 'products', query: criteria([], { size: 1, current: 1 }) })
    return `${textField(doc, 'total_count') ?? '?'} products`
  })
  if (!isOpen) return done
  await step({ en: 'Orders can be read', zh: '可读取订单' }, async () => {
    const { doc } = await send(call, { path: 'orders', query: criteria([], { size: 1, current: 1 }) })
    return `${textField(doc, 'total_count') ?? '?'} orders`
  })
  return done
}
