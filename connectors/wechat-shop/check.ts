import type { CheckStep } from '../../src/core/connector.ts'
import { textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { aesKeyOf } from '../../src/kit/wechat-crypto.ts'
import { read } from './client.ts'
import type { WechatCall } from './manifest.ts'

/** AppID and secret first, then each permission by a read that costs little. */
export async function check(call: WechatCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  const now = Math.floor(call.now().getTime() / 1000)
  const reads = async (path: string, parameters: Readonly<Record<string, unknown>>): Promise<string | undefined> => {
    const { doc } = await read(call, path, parameters)
    return textField(doc, 'total_num')
  }
  const orders = { update_time_range: { start_time: now - 60, end_time: now }, page_size: 1 }
  if (!(await step({ en: 'Orders can be read', zh: '可读取订单' }, () => reads('order/list/get', orders)))) return done
  await step({ en: 'Refunds can be read', zh: '可读取售后单' }, () =>
    reads('aftersale/getaftersalelist', { begin_update_time: now - 60, end_update_time: now }),
  )
  await step({ en: 'Products can be read', zh: '可读取商品' }, () => reads('product/list/get', { page_size: 1 }))
  await step({ en: 'Carriers can be read', zh: '可读取快递公司' }, () => reads('order/deliverycompanylist/get', {}))
  await step({ en: 'Messages can be checked', zh: '可校验消息推送' }, async () => pushMode(call))
  return done
}

function pushMode({ secrets }: WechatCall): string {
  if (secrets.encodingAesKey !== undefined) aesKeyOf(secrets.encodingAesKey)
  if (secrets.pushToken === undefined) return 'no token: messages are refused, everything is polled'
  return secrets.encodingAesKey === undefined ? 'plain mode' : 'safe mode'
}
