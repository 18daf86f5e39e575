import type { CheckStep } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { AFTER_SALES } from './after-sales.ts'
import { read } from './client.ts'
import type { TikTokCall } from './manifest.ts'

/** The authorisation and its shop first; then each permission by a read that costs little. */
export async function check(call: TikTokCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  if (!(await step({ en: 'The app is accepted and the shop is authorised', zh: '应用验签通过，店铺已授权' }, () => shopName(call)))) return done
  const now = Math.floor(call.now().getTime() / 1000)
  const body = { update_time_ge: now - 3600, update_time_lt: now }
  const counted = async (path: string, given: unknown): Promise<string> =>
    textField((await read(call, { method: 'POST', path, query: { page_size: '1' }, body: given })).data, 'total_count') ?? '0'
  await step({ en: 'Orders can be read', zh: '可读取订单' }, () => counted('/order/202309/orders/search', body))
  await step({ en: 'Cancellations can be read', zh: '可读取取消单' }, () => counted(AFTER_SALES.cancellation.path, body))
  await step({ en: 'Returns can be read', zh: '可读取退货退款单' }, () => counted(AFTER_SALES.return.path, body))
  await step({ en: 'Products can be read', zh: '可读取商品' }, () => counted('/product/202309/products/search', { status: 'ALL' }))
  await step({ en: 'Subscriptions can be read', zh: '可读取推送订阅' }, async () => {
    const { data } = await read(call, { method: 'GET', path: '/event/202309/webhooks' })
    return String(listField(data, 'webhooks').length)
  })
  return done
}

async function shopName(call: TikTokCall): Promise<string> {
  const { data } = await read(call, { method: 'GET', path: '/authorization/202309/shops', withoutShop: true })
  const shop = listField(data, 'shops').find((each) => textField(each, 'cipher') === call.config.shopCipher)
  if (shop === undefined)
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'other-shop',
      message: 'The shop cipher is not one of the shops this token was granted for.',
    })
  return [textField(shop, 'name'), textField(shop, 'region')].filter(Boolean).join(', ')
}
