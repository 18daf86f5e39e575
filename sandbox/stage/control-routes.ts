import { Hono } from 'hono'
import type { SimClock } from './clock.ts'
import type { Fault, FaultKind, FaultPlan } from './faults.ts'
import { faultKinds } from './faults.ts'
import type { JsonRecord } from './json-input.ts'
import { asFlag, asList, asNumber, asRecord, asText, parseJson } from './json-input.ts'
import type { Ledger } from './ledger.ts'
import type { CartLine, ShipInput, ShopControl, TrickleMix } from './shop-control.ts'

/** What the levers of any simulator hang on. */
export interface Stage {
  readonly control: ShopControl
  readonly ledger: Ledger
  readonly clock: SimClock
  readonly faults: FaultPlan
}

/** Moves the shop; what it answers goes out as JSON. */
export type Lever = (input: JsonRecord, stage: Stage) => unknown

/** `POST /<lever>` with a JSON body moves the shop; `GET /<question>` reads its ledger. */
export function controlRoutes(stage: Stage, extra: Readonly<Record<string, Lever>> = {}): Hono {
  const app = new Hono()
  const all: Readonly<Record<string, Lever>> = { ...levers, ...extra }
  app.post('/:lever', async (c) => {
    const lever = all[c.req.param('lever')]
    if (!lever) return c.json({ ok: false, reason: `No lever ${c.req.param('lever')}; there are ${Object.keys(all).join(', ')}.` }, 404)
    return c.json((await lever(asRecord(parseJson(await c.req.text())), stage)) ?? { ok: true })
  })
  app.get('/:question', (c) => {
    const question = questions[c.req.param('question')]
    return question
      ? c.json(question(stage, c.req.query('since')))
      : c.json({ ok: false, reason: `Ask for one of ${Object.keys(questions).join(', ')}.` }, 404)
  })
  return app
}

const orderId = (input: JsonRecord): string => asText(input['orderId']) ?? ''

const levers: Readonly<Record<string, Lever>> = {
  shop: (input, { control }) => control.shop(Array.isArray(input['lines']) ? cart(input['lines']) : undefined),
  edit: (input, { control }) => control.edit(orderId(input)),
  cancel: (input, { control }) => control.cancelOrder(orderId(input)),
  'request-cancel': (input, { control }) => control.requestCancel(orderId(input)),
  refund: (input, { control }) => control.refund(orderId(input), asNumber(input['minor'])),
  ship: (input, { control }) => control.ship(orderId(input), shipInput(input)),
  'set-stock': (input, { control }) => ({ ok: control.setStock(asText(input['sku']) ?? '', asNumber(input['quantity']) ?? 0) }),
  shelf: (input, { control }) => ({ quantity: (control.sellableOf ?? control.stockOf)(asText(input['sku']) ?? '') ?? null }),
  fault: (input, { control }) => armFault(input, control),
  'clear-faults': (_input, { control }) => control.clearFaults(),
  'seed-products': (input, { control }) => control.seedProducts(asNumber(input['count']) ?? 50),
  'seed-orders': (input, { control }) => control.seedOrders(asNumber(input['count']) ?? 100, asNumber(input['spreadDays'])),
  trickle: (input, { control }) => control.trickle(asNumber(input['perMinute']) ?? 0, mixOf(asRecord(input['mix']))),
  clock: (input, { clock }) => moveClock(input, clock),
}

const questions: Readonly<Record<string, (stage: Stage, since: string | undefined) => unknown>> = {
  orders: ({ ledger }) => ledger.orders(),
  changes: ({ ledger }) => ledger.orderChanges(),
  'stock-writes': ({ ledger }) => ledger.stockWrites(),
  'stock-moves': ({ ledger }) => ledger.stockMoves(),
  shipments: ({ ledger }) => ledger.shipments(),
  requests: ({ ledger }) => ledger.requests(),
  webhooks: ({ ledger }) => ledger.webhooks(),
  entries: ({ ledger }, since) => ledger.entries(asNumber(since)),
  open: ({ control }) => control.openOrders(),
  faults: ({ faults }) => ({ fired: faults.fired() }),
  now: ({ clock }) => ({ now: new Date(clock.now()).toISOString() }),
}

function cart(lines: readonly unknown[]): readonly CartLine[] {
  return lines.map(asRecord).map((line) => ({ sku: asText(line['sku']) ?? '', quantity: asNumber(line['quantity']) ?? 1 }))
}

function shipInput(input: JsonRecord): ShipInput {
  const [carrier, trackingNumber] = [asText(input['carrier']), asText(input['trackingNumber'])]
  const lines = asList(input['lines'])
    .map(asRecord)
    .map((line) => ({ lineId: asText(line['lineId']) ?? '', quantity: asNumber(line['quantity']) ?? 1 }))
  return {
    ...(carrier === undefined ? {} : { carrier }),
    ...(trackingNumber === undefined ? {} : { trackingNumber }),
    ...(Array.isArray(input['lines']) ? { lines } : {}),
  }
}

function armFault(input: JsonRecord, control: ShopControl): { ok: boolean; reason?: string } {
  const kind = faultKinds.find((known): known is FaultKind => known === input['kind'])
  if (!kind) return { ok: false, reason: `kind is one of ${faultKinds.join(', ')}.` }
  const match = asRecord(input['match'])
  const fault: { -readonly [K in keyof Fault]: Fault[K] } = { kind }
  const [every, times, delayMs, clean] = [asNumber(input['every']), asNumber(input['times']), asNumber(input['delayMs']), asFlag(input['clean'])]
  if (every !== undefined) fault.every = every
  if (times !== undefined) fault.times = times
  if (delayMs !== undefined) fault.delayMs = delayMs
  if (clean !== undefined) fault.clean = clean
  if ('retryAfter' in input) fault.retryAfter = asText(input['retryAfter']) ?? null
  const [method, path, body, write] = [asText(match['method']), asText(match['path']), asText(match['body']), asFlag(match['write'])]
  fault.match = {
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    ...(body === undefined ? {} : { body }),
    ...(write === undefined ? {} : { write }),
  }
  control.setFault(fault)
  return { ok: true }
}

function mixOf(input: JsonRecord): TrickleMix {
  return Object.fromEntries(Object.entries(input).flatMap(([kind, share]) => (typeof share === 'number' ? [[kind, share]] : [])))
}

function moveClock(input: JsonRecord, clock: SimClock): { now: string } {
  const [shiftMs, advanceMs, freeze] = [asNumber(input['shiftMs']), asNumber(input['advanceMs']), asText(input['freeze'])]
  if (freeze !== undefined) clock.freeze(Date.parse(freeze))
  if (shiftMs !== undefined) clock.shift(shiftMs)
  if (advanceMs !== undefined) clock.advance(advanceMs)
  if (input['release'] === true) clock.release()
  return { now: new Date(clock.now()).toISOString() }
}
