import type { CheckStep } from '../../src/core/connector.ts'
import { instantOf } from '../../src/kit/beijing-time.ts'
import { textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { anonymous, read, type Api } from './client.ts'
import type { PddCall } from './manifest.ts'

/** Address and signature first, then the seller's token, then each permission by a read that costs little. */
export async function check(call: PddCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  if (!(await step({ en: 'The gateway accepts the signature', zh: '网关验签通过' }, () => clock(call)))) return done
  if (!(await step({ en: 'The shop’s authorisation is valid', zh: '店铺授权有效' }, () => shop(call)))) return done
  const end = Math.floor(call.now().getTime() / 1000) - 180
  const minute = { start_updated_at: end - 60, end_updated_at: end }
  await step({ en: 'Orders can be read', zh: '可读取订单' }, () =>
    counted(call, 'pdd.order.number.list.increment.get', { ...minute, order_status: 5, refund_status: 5, is_lucky_flag: 0 }),
  )
  await step({ en: 'Refunds can be read', zh: '可读取售后' }, () =>
    counted(call, 'pdd.refund.list.increment.get', { ...minute, after_sales_status: 1, after_sales_type: 1 }),
  )
  await step({ en: 'Goods can be read', zh: '可读取商品' }, () => counted(call, 'pdd.goods.list.get', {}))
  return done
}

async function clock(call: PddCall): Promise<string> {
  const { doc } = await anonymous(call, 'pdd.time.get')
  const at = instantOf(textField(doc, 'time') ?? '')
  const seconds = at === undefined ? 0 : Math.round((Date.parse(at) - call.now().getTime()) / 1000)
  return Math.abs(seconds) < 5 ? 'The clocks agree.' : `The channel's clock is ${seconds} s ahead.`
}

async function shop(call: PddCall): Promise<string | undefined> {
  const { doc } = await read(call, 'pdd.mall.info.get', {})
  return textField(doc, 'mall_id')
}

async function counted(call: PddCall, api: Api, parameters: Readonly<Record<string, number>>): Promise<string> {
  const { doc } = await read(call, api, { page: 1, page_size: 1, ...parameters })
  return textField(doc, 'total_count') ?? '0'
}
