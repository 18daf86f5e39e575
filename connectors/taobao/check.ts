import type { CheckStep } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { instantOf, stampOf } from '../../src/kit/beijing-time.ts'
import { field, textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { anonymous, read } from './client.ts'
import type { TopCall } from './manifest.ts'

/** Address and signature first, then the seller's session, then each permission by a read that costs little. */
export async function check(call: TopCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  if (!(await step({ en: 'The gateway accepts the signature', zh: '网关验签通过' }, () => clock(call)))) return done
  if (!(await step({ en: 'The seller’s session is valid', zh: '店铺授权有效' }, () => seller(call)))) return done
  const now = call.now().getTime()
  const minute = { start_modified: stampOf(now - 60_000), end_modified: stampOf(now) }
  await step({ en: 'Orders can be read', zh: '可读取订单' }, () =>
    counted(call, 'taobao.trades.sold.increment.get', { ...minute, fields: 'tid,modified' }),
  )
  await step({ en: 'Refunds can be read', zh: '可读取退款' }, () =>
    counted(call, 'taobao.refunds.receive.get', { ...minute, fields: 'refund_id,modified' }),
  )
  await step({ en: 'Items can be read', zh: '可读取商品' }, () => counted(call, 'taobao.items.onsale.get', { fields: 'num_iid', page_size: 1 }))
  // Switching messages on for this seller is idempotent, and the only way to see whether the app may.
  if (call.config.messages) await step({ en: 'Messages are switched on', zh: '已开通消息服务' }, () => permit(call))
  return done
}

async function clock(call: TopCall): Promise<string> {
  const { doc } = await anonymous(call, 'taobao.time.get')
  const at = instantOf(textField(doc, 'time') ?? '')
  const seconds = at === undefined ? 0 : Math.round((Date.parse(at) - call.now().getTime()) / 1000)
  return Math.abs(seconds) < 5 ? 'The clocks agree.' : `The channel's clock is ${seconds} s ahead.`
}

async function seller(call: TopCall): Promise<string | undefined> {
  const { doc } = await read(call, 'taobao.user.seller.get', { fields: 'user_id,nick,type' })
  const type = textField(field(doc, 'user'), 'type')
  return type === 'B' ? 'Tmall' : type === 'C' ? 'Taobao' : undefined
}

async function counted(call: TopCall, method: string, parameters: Readonly<Record<string, string | number>>): Promise<string> {
  const { doc } = await read(call, method, { page_no: 1, page_size: 1, ...parameters })
  return textField(doc, 'total_results') ?? '0'
}

async function permit(call: TopCall): Promise<undefined> {
  const { doc } = await read(call, 'taobao.tmc.user.permit', {})
  if (textField(doc, 'is_success') !== 'true') {
    throw new ChannelError({ kind: 'misconfigured', code: 'not-permitted', message: 'The channel did not switch messages on for this seller.' })
  }
}
