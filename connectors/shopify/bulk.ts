import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Cursor, Page } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { readAnswer } from '../../src/kit/answer.ts'
import { parseJson } from '../../src/kit/json.ts'
import { field, textField } from '../../src/kit/read.ts'
import { mutate, query, readUserErrors, refusalOf } from './client.ts'
import { complete } from './complete.ts'
import { BULK_RECENT, BULK_RUN, BULK_STATE, bulkOrders, CONNECTION_NAMES } from './documents.ts'
import { isBefore } from './ids.ts'
import type { ShopifyCall } from './manifest.ts'

const operation = z.object({ id: z.string(), status: z.string(), errorCode: z.string().nullish(), url: z.string().nullish(), query: z.string() })
type Operation = z.output<typeof operation>

export interface BulkInput {
  readonly filter: string
  readonly window: { readonly from: string; readonly to: string }
}

const RUNNING: ReadonlySet<string> = new Set(['CREATED', 'RUNNING', 'CANCELING'])
/** Waits between looks at a running operation, the last one again and again. */
const LOOKS_MS: readonly number[] = [100, 400, 1000, 2000, 5000]
const ORDERS_A_PAGE = 100

/**
 * Orders of a wide window by a bulk operation: Shopify writes one JSON line per order and per element of its connections
 * into a file, which is read in stretches. Each look at a running operation is a page without records, so that its id is
 * kept and nothing is started twice. Answers false when Shopify gave up: the window is then read by pages.
 */
export async function* bulkPages(call: ShopifyCall, input: BulkInput, after: Cursor | undefined): AsyncGenerator<Page, boolean> {
  const known = after?.['bulk']
  let current = typeof known === 'string' ? await stateOf(call, known) : await begin(call, bulkOrders(input.filter))
  let looks = typeof after?.['looks'] === 'number' ? after['looks'] : 0
  while (current && RUNNING.has(current.status)) {
    looks += 1
    yield { records: [], cursor: { bulk: current.id, at: 0, looks } }
    await sleep(LOOKS_MS[Math.min(looks, LOOKS_MS.length) - 1] ?? 5000, undefined, { signal: call.signal }).catch(() => undefined)
    if (call.signal.aborted) throw new ChannelError({ kind: 'transient', code: 'stopped', message: 'Waiting for the bulk operation was stopped.' })
    current = await stateOf(call, current.id)
  }
  if (current?.status !== 'COMPLETED') return false
  if (!current.url) {
    yield { records: [], cursor: null } // nothing matched: no file is written
    return true
  }
  return yield* filePages(call, { id: current.id, url: current.url, to: input.window.to }, typeof after?.['at'] === 'number' ? after['at'] : 0)
}

const isSame = (one: Operation, document: string): boolean => one.query === document && (RUNNING.has(one.status) || one.status === 'COMPLETED')

/** Takes up an operation with the very same query (its start got no answer, or the position was lost), else starts one. */
async function begin(call: ShopifyCall, document: string): Promise<Operation | undefined> {
  const recent = z.object({ bulkOperations: z.object({ nodes: z.array(operation) }) })
  const { nodes } = readAnswer(recent, (await query(call, BULK_RECENT)).data, 'list of bulk operations').bulkOperations
  const same = nodes.find((one) => isSame(one, document))
  if (same) return same
  const started = z.object({ bulkOperationRunQuery: z.object({ bulkOperation: operation.nullish(), userErrors: z.unknown() }) })
  const { bulkOperationRunQuery: run } = readAnswer(started, (await mutate(call, BULK_RUN, { query: document })).data, 'bulk operation')
  if (run.bulkOperation) return run.bulkOperation
  const [error] = readUserErrors(run.userErrors)
  // Others of this app are running: they end, and this one is tried again.
  if (error && (error.code === 'OPERATION_IN_PROGRESS' || error.code === 'LIMIT_REACHED'))
    throw new ChannelError({ ...refusalOf(error), kind: 'throttled', retryAfterMs: 60_000 })
  return undefined
}

async function stateOf(call: ShopifyCall, id: string): Promise<Operation | undefined> {
  const state = z.object({ bulkOperation: operation.nullable() })
  return readAnswer(state, (await query(call, BULK_STATE, { id })).data, 'bulk operation').bulkOperation ?? undefined
}

interface ResultFile {
  readonly id: string
  readonly url: string
  readonly to: string
}
interface Stretch {
  readonly text: string
  readonly isLast: boolean
}

/** Bytes of the file read at once; an order larger than this widens the stretch. */
const STRETCH = 2_000_000

async function* filePages(call: ShopifyCall, file: ResultFile, from: number): AsyncGenerator<Page, boolean> {
  let at = from
  for (let bytes = STRETCH; ;) {
    const stretch = await readStretch(call, file.url, at, bytes)
    if (!stretch) return false // the file is kept for seven days
    const groups = groupsOf(stretch)
    if (groups.length === 0 && !stretch.isLast) {
      bytes *= 2
      continue
    }
    bytes = STRETCH
    for (let i = 0; i < groups.length; i += ORDERS_A_PAGE) {
      const some = groups.slice(i, i + ORDERS_A_PAGE)
      at += some.reduce((sum, group) => sum + group.bytes, 0)
      const orders = some.map((group) => orderOf(group.lines)).filter((order) => isBefore(textField(order.doc, 'updatedAt'), file.to))
      const isEnd = stretch.isLast && i + ORDERS_A_PAGE >= groups.length
      yield { records: await complete(call, orders), cursor: isEnd ? null : { bulk: file.id, at } }
    }
    if (!stretch.isLast) continue
    if (groups.length === 0) yield { records: [], cursor: null }
    return true
  }
}

/** Undefined when the file is gone. A server that knows no ranges sends the whole file, of which the stretch is cut out. */
async function readStretch(call: ShopifyCall, url: string, at: number, bytes: number): Promise<Stretch | undefined> {
  const response = await call.http({
    method: 'GET',
    url,
    headers: { range: `bytes=${at}-${at + bytes - 1}` },
    expect: 'any',
    accept: [206, 403, 404, 416],
    timeoutMs: 120_000,
    maxBytes: 1_000_000_000,
  })
  if (response.status === 416) return { text: '', isLast: true }
  if (response.status === 206) {
    const total = Number(/\/(\d+)$/.exec(response.headers['content-range'] ?? '')?.[1] ?? Number.NaN)
    return { text: response.body, isLast: at + bytes >= total }
  }
  if (response.status !== 200) return undefined
  const whole = Buffer.from(response.body, 'utf8')
  return { text: whole.subarray(at, at + bytes).toString('utf8'), isLast: at + bytes >= whole.length }
}

interface Group {
  readonly lines: readonly string[]
  readonly bytes: number
}

/**
 * Whole orders of a stretch: a line of an order and the lines of its elements that follow it. The last order of a stretch
 * that goes on is left for the next one, and with it a character that was cut in half.
 */
function groupsOf({ text, isLast }: Stretch): readonly Group[] {
  const lines = text.split('\n')
  const groups: { lines: string[]; bytes: number }[] = []
  for (const line of isLast ? lines : lines.slice(0, -1)) {
    if (line === '') continue
    const bytes = Buffer.byteLength(line, 'utf8') + 1
    const last = groups.at(-1)
    if (last && line.includes('"__parentId"')) {
      last.lines.push(line)
      last.bytes += bytes
    } else groups.push({ lines: [line], bytes })
  }
  return isLast ? groups : groups.slice(0, -1)
}

/** Puts the elements where a page would have them. */
function orderOf(lines: readonly string[]): { readonly doc: unknown; readonly payload: string } {
  const [head, ...elements] = lines.map(parseJson)
  const connections = Object.fromEntries(
    CONNECTION_NAMES.map((name) => [name, { nodes: elements.filter((element) => connectionOf(element) === name).map(withoutParent) }]),
  )
  const doc = { ...(typeof head === 'object' && head !== null ? head : {}), ...connections }
  return { doc, payload: JSON.stringify(doc) }
}

function withoutParent(element: unknown): unknown {
  if (typeof element !== 'object' || element === null) return element
  return Object.fromEntries(Object.entries(element).filter(([name]) => name !== '__parentId'))
}

/** Elements say by their id what they are; a discount has none. */
function connectionOf(element: unknown): string {
  const id = textField(element, 'id') ?? ''
  if (id.includes('/LineItem/')) return 'lineItems'
  if (id.includes('/ShippingLine/')) return 'shippingLines'
  if (id.includes('/FulfillmentOrder/')) return 'fulfillmentOrders'
  return field(element, 'index') === undefined ? '' : 'discountApplications'
}
