import type { CheckStep } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { read, resultOf } from './client.ts'
import type { LazadaCall } from './manifest.ts'
import { stampOf } from './time.ts'

/** Signature and token first, then each permission by a read that costs little. */
export async function check(call: LazadaCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  if (!(await step({ en: 'The gateway accepts the signature and the token', zh: '网关验签与授权通过' }, () => shop(call)))) return done
  const now = call.now().getTime()
  await step({ en: 'Orders can be read', zh: '可读取订单' }, () =>
    counted(call, '/orders/get', { update_after: stampOf(now - 60_000), sort_by: 'updated_at', sort_direction: 'ASC', offset: 0, limit: 1 }, [
      'data',
      'countTotal',
    ]),
  )
  await step({ en: 'Reverse orders can be read', zh: '可读取逆向单' }, () =>
    counted(call, '/reverse/getreverseordersforseller', { page_no: 1, page_size: 1 }, ['result', 'total']),
  )
  await step({ en: 'Products can be read', zh: '可读取商品' }, () =>
    counted(call, '/products/get', { filter: 'all', offset: 0, limit: 1 }, ['data', 'total_products']),
  )
  return done
}

async function shop(call: LazadaCall): Promise<string | undefined> {
  const doc = resultOf(await read(call, '/seller/get', {}), 'data', '/seller/get')
  const id = textField(doc, 'seller_id')
  if (id === undefined) throw new ChannelError({ kind: 'misconfigured', code: 'no-seller', message: 'Lazada names no seller behind this token.' })
  if (call.config.sellerId !== id)
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'other-seller',
      message: `The token is that of seller ${id}, not of the one in the settings.`,
    })
  return textField(doc, 'name')
}

async function counted(
  call: LazadaCall,
  path: string,
  parameters: Readonly<Record<string, string | number>>,
  [member, count]: readonly ['data' | 'result', string],
): Promise<string | undefined> {
  return textField(resultOf(await read(call, path, parameters), member, path), count)
}
