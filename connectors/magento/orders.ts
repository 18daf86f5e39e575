import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { readJsonArray, type JsonDocument } from '../../src/kit/json.ts'
import { absentAs } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { textField } from '../../src/kit/read.ts'
import { criteria, send, unexpected } from './client.ts'
import type { MagentoCall } from './manifest.ts'

/** Where one is: changes from this second on, and above page 1 only inside a second with more changes than a page. */
interface Position {
  readonly from: string
  readonly page: number
  readonly total: number | undefined
}

/**
 * Orders changed in [from, to), oldest change first. Each page starts anew behind the last change seen, so that an order which
 * changes meanwhile hides nobody. A page past the end would repeat the last one: the total says where the end is.
 */
export async function* pullOrders(call: MagentoCall, request: PullRequest): AsyncGenerator<Page> {
  const { window } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${request.stream}" is read by window.` })
  const to = stamp(Math.ceil(Date.parse(window.to) / 1000) * 1000)
  let position: Position | undefined = positionOf(request.after) ?? {
    from: stamp(Math.floor(Date.parse(window.from) / 1000) * 1000),
    page: 1,
    total: undefined,
  }
  while (position) {
    const { from, page, total }: Position = position
    const size = call.config.pageSize
    const filters = [
      ['updated_at', 'gteq', from],
      ['updated_at', 'lt', to],
    ] as const
    const { body } = await send(call, { path: 'orders', query: criteria(filters, { size, current: page, sort: 'updated_at' }) })
    const { documents, rest } = readJsonArray(body, '/items')
    const count = Number(textField(rest, 'total_count') ?? Number.NaN)
    if (!Number.isSafeInteger(count)) throw unexpected('total_count')
    const last = textField(documents.at(-1)?.doc, 'updated_at') ?? ''
    if (page * size >= count) position = undefined
    else if (total !== undefined && count < total) position = { from, page: 1, total: undefined }
    else position = last > from ? { from: last, page: 1, total: undefined } : { from, page: page + 1, total: count }
    yield {
      records: documents.map(recordOf),
      cursor: position ? { from: position.from, page: position.page, ...(position.total === undefined ? {} : { total: position.total }) } : null,
    }
  }
}

/** Magento writes UTC without saying so: "2026-11-20 08:00:00". */
const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

function positionOf(cursor: PullRequest['after']): Position | undefined {
  if (cursor === undefined) return undefined
  const { from, page, total } = cursor
  if (typeof from !== 'string' || !/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(from) || typeof page !== 'number') throw cursorInvalid()
  return { from, page, total: typeof total === 'number' ? total : undefined }
}

/** Authoritative reads; ids the channel does not know are absent. */
export async function fetchOrder(call: MagentoCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const found: RawRecord[] = []
  for (const id of new Set(ids)) {
    const answer = await absentAs(send(call, { path: `orders/${encodeURIComponent(id)}` }))
    if (answer) found.push(recordOf({ text: answer.body, doc: answer.doc }))
  }
  return found
}

function recordOf({ text, doc }: JsonDocument): RawRecord {
  const [id, updated = ''] = [textField(doc, 'entity_id'), textField(doc, 'updated_at')]
  const at = Date.parse(`${updated.replace(' ', 'T')}Z`)
  if (id === undefined || Number.isNaN(at)) throw unexpected('id or time of change of an order')
  return { kind: 'order', externalId: id, sourceTime: new Date(at).toISOString(), payload: text, doc }
}
