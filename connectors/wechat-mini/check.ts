import type { CheckStep } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { field } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { readWechat } from '../../src/kit/wechat-api.ts'
import { publicKeysOf } from '../../src/kit/wechatpay.ts'
import type { MiniCall } from './manifest.ts'

/** AppID and secret first, then what the app is allowed, then whether notices could be read. */
export async function check(call: MiniCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  if (!(await step({ en: 'Shipping is managed by the channel', zh: '已开通发货信息管理服务' }, () => managed(call)))) return done
  const now = Math.floor(call.now().getTime() / 1000)
  await step({ en: 'Orders can be read', zh: '可读取订单' }, async () => {
    await readWechat(call, 'wxa/sec/order/get_order_list', { pay_time_range: { begin_time: now - 60, end_time: now }, page_size: 1 })
    return undefined
  })
  await step({ en: 'Notices of payments can be read', zh: '可接收支付通知' }, async () => notices(call))
  return done
}

async function managed(call: MiniCall): Promise<undefined> {
  const { doc } = await readWechat(call, 'wxa/sec/order/is_trade_managed', { appid: call.secrets.appId })
  if (field(doc, 'is_trade_managed') === false)
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'not-managed',
      message: 'The mini-program has not opened the shipping service: there are no orders to read.',
    })
}

function notices({ secrets }: MiniCall): string {
  if (secrets.platformKey === undefined || secrets.apiV3Key === undefined) return 'no keys of WeChat Pay: notices are refused, everything is polled'
  const count = publicKeysOf(secrets.platformKey).length
  if (secrets.apiV3Key.length !== 32)
    throw new ChannelError({ kind: 'misconfigured', code: 'api-v3-key', message: 'The APIv3 key has 32 characters.' })
  return count === 1 ? 'one platform key' : `${count} platform keys`
}
