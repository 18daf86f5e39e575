import type { CheckStep } from '../../src/core/connector.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { read } from './client.ts'
import type { ShopeeCall } from './manifest.ts'

/** The grant first, then each capability by a read that costs little. */
export async function check(call: ShopeeCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  if (!(await step({ en: 'The shop has authorised the app', zh: '店铺已授权应用' }, () => shopName(call)))) return done
  const now = Math.floor(call.now().getTime() / 1000)
  const seen = async (path: string, query: Parameters<typeof read>[2], name: string): Promise<string> =>
    String(listField((await read(call, path, query)).response, name).length)
  await step({ en: 'Orders can be read', zh: '可读取订单' }, () =>
    seen('order/get_order_list', { time_range_field: 'update_time', time_from: now - 86_400, time_to: now, page_size: 1 }, 'order_list'),
  )
  await step({ en: 'Returns can be read', zh: '可读取退货退款' }, () =>
    seen('returns/get_return_list', { page_no: 0, page_size: 1, update_time_from: now - 86_400, update_time_to: now }, 'return'),
  )
  await step({ en: 'Items can be read', zh: '可读取商品' }, () =>
    seen('product/get_item_list', { offset: 0, page_size: 1, item_status: ['NORMAL'] }, 'item'),
  )
  return done
}

/** Its name, and until when it lets the app in: a year from the day it said so. */
async function shopName(call: ShopeeCall): Promise<string | undefined> {
  const { doc } = await read(call, 'shop/get_shop_info', {})
  const ends = Number(textField(doc, 'expire_time') ?? Number.NaN)
  const until = Number.isSafeInteger(ends) && ends > 0 && ends < 1e11 ? ` (${new Date(ends * 1000).toISOString().slice(0, 10)})` : ''
  return `${textField(doc, 'shop_name') ?? ''}${until}`
}
