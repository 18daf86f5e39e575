import type { CheckStep } from '../../src/core/connector.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { read } from './client.ts'
import type { DouyinCall } from './manifest.ts'

/** The order list first, which needs a good signature and a token; then each permission by a read that costs little. */
export async function check(call: DouyinCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  const to = Math.floor(call.now().getTime() / 1000)
  const hour = { page: 0, size: 1 }
  const counted = async (method: string, parameters: Readonly<Record<string, number>>): Promise<string> =>
    textField((await read(call, method, parameters)).data, 'total') ?? '0'
  const orders = { ...hour, update_time_start: to - 3600, update_time_end: to }
  const label = { en: 'The gateway accepts app and shop, and orders can be read', zh: '网关验签与店铺授权通过，可读取订单' }
  if (!(await step(label, () => counted('order.searchList', orders)))) return done
  await step({ en: 'After-sales can be read', zh: '可读取售后单' }, () =>
    counted('afterSale.List', { ...hour, update_start_time: to - 3600, update_end_time: to }),
  )
  await step({ en: 'Products can be read', zh: '可读取商品' }, () => counted('product.listV2', { page: 1, size: 1 }))
  await step({ en: 'Logistics companies can be read', zh: '可读取物流公司' }, async () => {
    const { data } = await read(call, 'order.logisticsCompanyList', {})
    return String(listField({ data }, 'data').length)
  })
  return done
}
