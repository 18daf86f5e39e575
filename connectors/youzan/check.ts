import type { CheckStep } from '../../src/core/connector.ts'
import { stampOf } from '../../src/kit/beijing-time.ts'
import { textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { read } from './client.ts'
import type { YouzanCall } from './manifest.ts'

/** The grant first, then each capability by a read that costs little. */
export async function check(call: YouzanCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  if (!(await step({ en: 'The shop has granted the app', zh: '店铺已授权应用' }, () => shopName(call)))) return done
  const now = call.now().getTime()
  const page = { page_no: 1, page_size: 1 }
  await step({ en: 'Orders can be read', zh: '可读取订单' }, () =>
    counted(call, 'youzan.trades.sold.get/4.0.4', 'total_results', { ...page, start_update: stampOf(now - 60_000), end_update: stampOf(now) }),
  )
  await step({ en: 'Refunds can be read', zh: '可读取售后' }, () =>
    counted(call, 'youzan.trade.refund.search/3.0.1', 'total', {
      ...page,
      update_time_start: Math.floor(now / 1000) - 60,
      update_time_end: Math.floor(now / 1000),
    }),
  )
  await step({ en: 'Items can be read', zh: '可读取商品' }, () => counted(call, 'youzan.items.onsale.get/3.0.0', 'count', page))
  await step({ en: 'Carriers can be read', zh: '可读取快递公司' }, async () => {
    await read(call, 'youzan.logistics.express.get/3.0.0', {})
    return undefined
  })
  return done
}

async function shopName(call: YouzanCall): Promise<string | undefined> {
  const { doc } = await read(call, 'youzan.shop.get/3.0.0', {})
  return textField(doc, 'name')
}

async function counted(call: YouzanCall, api: string, name: string, parameters: Readonly<Record<string, unknown>>): Promise<string> {
  const { doc } = await read(call, api, parameters)
  return textField(doc, name) ?? '0'
}
