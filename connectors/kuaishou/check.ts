import type { CheckStep } from '../../src/core/connector.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { read } from './client.ts'
import type { KuaishouCall } from './manifest.ts'

/** The order list first, which needs a good signature and a token; then each permission by a read that costs little. */
export async function check(call: KuaishouCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  const to = call.now().getTime()
  const hour = { beginTime: to - 3_600_000, endTime: to, queryType: 2, sort: 2 }
  const label = { en: 'The gateway accepts app and shop, and orders can be read', zh: '网关验签与店铺授权通过，可读取订单' }
  const orders = async (): Promise<string> => {
    const { data } = await read(call, 'open.order.cursor.list', { ...hour, orderViewStatus: 1, pageSize: 1, cpsType: 0, cursor: '' })
    return String(listField(data, 'orderList').length)
  }
  if (!(await step(label, orders))) return done
  await step({ en: 'After-sales can be read', zh: '可读取售后单' }, async () => {
    await read(call, 'open.seller.order.refund.pcursor.list', { ...hour, type: 9, pageSize: 1, currentPage: 1, pcursor: '' })
    return undefined
  })
  await step({ en: 'Items can be read', zh: '可读取商品' }, async () => {
    const { data } = await read(call, 'open.item.list.get', { itemStatus: 1, pageNumber: 1, pageSize: 10 })
    return textField(data, 'totalItemCount')
  })
  return done
}
