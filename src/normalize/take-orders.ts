import { MappingError } from '../core/fault.ts'
import { MAX_PUSHED_ORDERS, SimpleOrder } from '../core/simple-order.ts'
import { parseJson, sliceJsonArray } from '../kit/json.ts'
import { pushedStates, type PushedState } from '../store/read/pushed-orders.ts'
import { ingest, type IngestDeps } from './ingest.ts'
import type { ConnectionContext } from './prepare.ts'

/** One thing that is wrong with a sent order; the pointer leads into that order. */
export interface PushedFault {
  readonly pointer: string
  readonly code: string
  readonly message: string
}

/** What became of one sent order. */
export interface TakenOrder {
  /** "" where it could not be read. */
  readonly number: string
  /** superseded: a state that the sender changed later stands already · handed-over: no order, it is brought to the one it hands over. */
  readonly change: 'handed-over' | 'created' | 'changed' | 'unchanged' | 'superseded' | 'none'
  readonly errors: readonly PushedFault[]
  readonly state?: PushedState
}

const DAY_MS = 86_400_000

/**
 * Takes orders that another system or a person sent: each is checked and mapped before anything is stored, what is sound
 * goes the way of every document, what is not is told to the sender and stored nowhere. One broken order stops no other.
 * `text` is the body as it came: an order, or `{"orders": […]}`.
 */
export async function takeOrders(deps: IngestDeps, context: ConnectionContext, text: string): Promise<readonly TakenOrder[]> {
  const now = deps.now()
  const seen = new Set<string>()
  const read = documentsOf(text).map((payload) => readOne(deps, context, payload, seen, now))
  const sound = read.flatMap((one) => (one.order === undefined ? [] : [{ payload: one.payload, order: one.order }]))
  const numbers = sound.map(({ order }) => order.number)
  const before = await pushedStates(deps.pool, context.connectionId, numbers)
  const at = now.toISOString()
  const incoming = sound.map(({ payload, order }) => ({
    record: {
      kind: 'order' as const,
      externalId: order.number,
      payload,
      ...(order.updated_at !== undefined && { sourceTime: order.updated_at }),
    },
    source: 'manual' as const,
    receivedAt: at,
    readStartedAt: at,
    authoritative: true,
  }))
  if (incoming.length > 0) await ingest(deps, context, incoming)
  const after = await pushedStates(deps.pool, context.connectionId, numbers)
  return read.map(({ number, errors, order }) => {
    const state = after.get(number)
    if (order?.pickup_of !== undefined) return { number, change: 'handed-over', errors }
    if (order === undefined || state === undefined) return { number, change: 'none', errors }
    return { number, change: changeOf(before.get(number), state, order.updated_at ?? at), errors, state }
  })
}

/** Each order's own bytes: they are kept as they came. */
function documentsOf(text: string): readonly string[] {
  const body = parseJson(text)
  const many = typeof body === 'object' && body !== null && 'orders' in body && Array.isArray(body.orders)
  return many ? sliceJsonArray(text, '/orders').slice(0, MAX_PUSHED_ORDERS) : [text]
}

interface ReadOrder {
  readonly number: string
  readonly payload: string
  readonly errors: readonly PushedFault[]
  readonly order?: SimpleOrder
}

function readOne(deps: IngestDeps, context: ConnectionContext, payload: string, seen: Set<string>, now: Date): ReadOrder {
  const doc = parseJson(payload)
  const parsed = SimpleOrder.safeParse(doc)
  if (!parsed.success) return { number: numberOf(doc), payload, errors: firstEach(parsed.error.issues.flatMap(faultsOf)) }
  const order = parsed.data
  const errors = [...repeated(order, seen), ...future(order, now), ...unmapped(deps, context, doc, order.number)]
  seen.add(order.number)
  return { number: order.number, payload, errors, ...(errors.length === 0 && { order }) }
}

function numberOf(doc: unknown): string {
  const said = typeof doc === 'object' && doc !== null && 'number' in doc ? doc.number : ''
  return typeof said === 'string' ? said.slice(0, 100) : ''
}

interface Issue {
  readonly code?: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
}

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).slice(0, 60).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

function faultsOf(issue: Issue): readonly PushedFault[] {
  if (issue.code === 'unrecognized_keys')
    return (issue.keys ?? [])
      .slice(0, 20)
      .map((key) => ({ pointer: pointerOf([...issue.path, key]), code: 'unknown-field', message: 'Not known here.' }))
  return [{ pointer: pointerOf(issue.path), code: (issue.code ?? 'custom').replaceAll('_', '-'), message: `${issue.message}.` }]
}

/** One word for each place, twenty places at most: what follows from the first is no news. */
const firstEach = (faults: readonly PushedFault[]): readonly PushedFault[] =>
  faults.filter((fault, i) => faults.findIndex((one) => one.pointer === fault.pointer) === i).slice(0, 20)

const repeated = ({ number }: SimpleOrder, seen: ReadonlySet<string>): readonly PushedFault[] =>
  seen.has(number) ? [{ pointer: '/number', code: 'number-repeated', message: 'An order before it in this request has this number.' }] : []

/** A time that lies more than a day ahead would stand above every later change. */
function future(order: SimpleOrder, now: Date): readonly PushedFault[] {
  const latest = now.getTime() + DAY_MS
  return (['placed_at', 'updated_at'] as const).flatMap((field) =>
    Date.parse(order[field] ?? '1970-01-01') > latest
      ? [{ pointer: `/${field}`, code: 'time-future', message: 'Lies more than a day in the future.' }]
      : [],
  )
}

/** What only the mapping can say: amounts against each other and against their currency. */
function unmapped(deps: IngestDeps, context: ConnectionContext, doc: unknown, number: string): readonly PushedFault[] {
  try {
    deps.mappings.get(context.channel)?.map({ kind: 'order', externalId: number, doc }, context)
    return []
  } catch (error) {
    if (error instanceof MappingError) return [{ pointer: error.pointer ?? '', code: error.code, message: error.message }]
    throw error
  }
}

function changeOf(before: PushedState | undefined, after: PushedState, said: string): TakenOrder['change'] {
  if (before === undefined) return 'created'
  if (after.version > before.version) return 'changed'
  return Date.parse(said) < Date.parse(before.source_time) ? 'superseded' : 'unchanged'
}
