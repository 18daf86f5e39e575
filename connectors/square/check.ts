import type { CheckStep } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { read } from './client.ts'
import { homeOf, locationsOf, type SquareCall } from './manifest.ts'

/** The token and the locations first, then each capability by a read that costs little. */
export async function check(call: SquareCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  if (!(await step({ en: 'The locations are there', zh: '门店存在' }, () => locationNames(call)))) return done
  const now = call.now().getTime()
  const range = { start_at: new Date(now - 60_000).toISOString(), end_at: new Date(now).toISOString() }
  const query = { filter: { date_time_filter: { updated_at: range } }, sort: { sort_field: 'UPDATED_AT', sort_order: 'ASC' } }
  const can = (label: CheckStep['step'], request: Parameters<typeof read>[1]): Promise<boolean> =>
    step(label, async () => {
      await read(call, request)
      return undefined
    })
  await can(
    { en: 'Orders can be read', zh: '可读取订单' },
    { method: 'POST', path: 'orders/search', body: { location_ids: locationsOf(call.config), limit: 1, query } },
  )
  await can({ en: 'Refunds can be read', zh: '可读取退款' }, { method: 'GET', path: 'refunds?limit=1' })
  await can({ en: 'The catalogue can be read', zh: '可读取商品目录' }, { method: 'GET', path: 'catalog/list?types=ITEM' })
  await can(
    { en: 'Stock can be read', zh: '可读取库存' },
    { method: 'POST', path: 'inventory/counts/batch-retrieve', body: { location_ids: [homeOf(call.config)], limit: 1 } },
  )
  return done
}

async function locationNames(call: SquareCall): Promise<string> {
  const { doc } = await read(call, { method: 'GET', path: 'locations' })
  const known = new Map(listField(doc, 'locations').map((each) => [textField(each, 'id') ?? '', each]))
  const missing = locationsOf(call.config).filter((id) => !known.has(id))
  if (missing.length > 0)
    throw new ChannelError({ kind: 'misconfigured', code: 'location-unknown', message: `This seller has no location ${missing.join(', ')}.` })
  const names = locationsOf(call.config).map((id) => textField(known.get(id), 'name') ?? id)
  return `${names.join(', ')}; ${textField(known.get(homeOf(call.config)), 'currency') ?? ''} ${textField(known.get(homeOf(call.config)), 'timezone') ?? ''}`.trim()
}
