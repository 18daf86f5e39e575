import type { CheckStep } from '../../src/core/connector.ts'
import { textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { read } from './client.ts'
import type { XhsCall } from './manifest.ts'

/** The order list first, which needs a good signature and a token; then each permission by a read that costs little. */
export async function check(call: XhsCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  const to = call.now().getTime()
  const from = to - 900_000
  const label = { en: 'The gateway accepts app and shop, and orders can be read', zh: '网关验签与店铺授权通过，可读取订单' }
  const orders = async (): Promise<string | undefined> => {
    const times = { startTime: Math.floor(from / 1000), endTime: Math.floor(to / 1000) }
    const { data } = await read(call, 'order.getOrderList', { ...times, timeType: 2, pageNo: 1, pageSize: 1 })
    return textField(data, 'total')
  }
  if (!(await step(label, orders))) return done
  await step({ en: 'After-sales can be read', zh: '可读取售后单' }, async () => {
    const { data } = await read(call, 'afterSale.listAfterSaleInfos', { startTime: from, endTime: to, timeType: 2, pageNo: 1, pageSize: 1 })
    return textField(data, 'totalCount')
  })
  await step({ en: 'Items can be read', zh: '可读取商品' }, async () => {
    const { data } = await read(call, 'product.getDetailSkuList', { pageNo: 1, pageSize: 1 })
    return textField(data, 'total')
  })
  return done
}
