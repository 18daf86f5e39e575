import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Inbound, RawRecord } from '../../../src/core/connector.ts'
import { ingest, type IncomingRaw } from '../../../src/normalize/ingest.ts'
import { subscribe } from '../../conformance/kit/checks/deliveries.ts'
import { needs } from '../../conformance/kit/check.ts'
import { done, stocked, trouble } from '../../conformance/kit/lever.ts'
import { openSink } from '../../conformance/kit/sink.ts'
import { HOOK_SECRET, onStage, type Stage } from '../../conformance/kit/stage.ts'
import { ability, channelFolders, subjectOf } from '../../conformance/kit/subject.ts'
import { freshDatabase, type TestDatabase } from '../../support/db.ts'
import { testHub, type TestHub } from '../../support/builders.ts'

const ORDERS = 100
const RUNS = 4
const PATIENCE_MS = 180_000
const channels = channelFolders.filter((id) => needs('verifyWebhook', 'readWebhook', 'fetchOrder')(subjectOf(id)) === undefined)

let database: TestDatabase
let hub: TestHub
beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

/** What happens to each order at the channel; the first edit and the second share their second. */
const LIFE: readonly { readonly waitMs: number; readonly what: (stage: Stage, id: string) => unknown }[] = [
  { waitMs: 5000, what: () => undefined },
  { waitMs: 0, what: (stage, id) => stage.sim.control.edit(id) },
  { waitMs: 5000, what: (stage, id) => stage.sim.control.edit(id) },
  { waitMs: 5000, what: (stage, id) => done(stage.sim.control.cancelOrder(id)) },
]

/** A delivery of one step, or a poll that read the order after it. */
type Event =
  | { readonly step: number; readonly by: 'hook'; readonly records: readonly RawRecord[]; readonly notice: boolean }
  | { readonly step: number; readonly by: 'poll' }

interface History {
  readonly events: readonly Event[]
  /** The order as a read after each step shows it. */
  readonly reads: readonly { readonly at: string; readonly record: RawRecord }[]
}

/** Lives of many orders at a simulated channel, with everything it told about them. */
async function live(stage: Stage): Promise<readonly History[]> {
  const sink = await openSink()
  try {
    await subscribe(stage, { url: sink.url, secret: HOOK_SECRET })
    const probe = done(stage.sim.control.shop())
    // A channel that knows payments only sells nothing by its code.
    const sku = stage.sim.ledger.order(probe)?.lines[0]?.sku ?? ''
    const cart = sku === '' ? undefined : [{ sku: stocked(stage, sku), quantity: 1 }]
    const ids = Array.from({ length: ORDERS }, () => done(stage.sim.control.shop(cart)))
    const events = new Map<string, Event[]>(ids.map((id) => [id, []]))
    const reads = new Map<string, History['reads'][number][]>(ids.map((id) => [id, []]))
    let heard = 0
    for (const [step, { waitMs, what }] of LIFE.entries()) {
      for (const id of ids) what(stage, id)
      await trouble(stage, 'webhooksSettled')()
      for (const inbound of sink.heard.slice(heard)) for (const [id, event] of told(stage, step, inbound)) events.get(id)?.push(event)
      heard = sink.heard.length
      for (const { record, at } of await readAll(stage, ids)) reads.get(record.externalId)?.push({ record, at })
      stage.sim.clock.advance(waitMs)
    }
    const last = LIFE.length - 1
    return ids.map((id) => {
      const hooks = events.get(id) ?? []
      // A busy machine may answer a delivery too late for the channel; then a poll brings the end of the story.
      const end: readonly Event[] = hooks.some(({ step }) => step === last) ? [] : [{ step: last, by: 'poll' }]
      return { events: [...hooks, { step: 0, by: 'poll' }, { step: 1, by: 'poll' }, ...end], reads: reads.get(id) ?? [] }
    })
  } finally {
    await sink.stop()
  }
}

function told(stage: Stage, step: number, inbound: Inbound): readonly (readonly [string, Event])[] {
  const delivery = ability(stage.subject, 'verifyWebhook')(inbound, stage.secrets, new Date(stage.now()), stage.context.config)
  if (delivery.type === 'ping') return []
  const content = ability(stage.subject, 'readWebhook')(Buffer.from(inbound.body).toString('utf8'), delivery.meta)
  return [
    ...content.records.map((record) => [record.externalId, { step, by: 'hook', records: [record], notice: false }] as const),
    ...content.fetch.map((one) => [one.externalId, { step, by: 'hook', records: [], notice: true }] as const),
  ]
}

async function readAll(stage: Stage, ids: readonly string[]): Promise<History['reads']> {
  const batch = stage.subject.connector.manifest.capabilities.fetchOrder?.maxBatch ?? 1
  const found: History['reads'][number][] = []
  const at = new Date(stage.now() + 1).toISOString()
  for (let from = 0; from < ids.length; from += batch) {
    const records = await ability(stage.subject, 'fetchOrder')(stage.call(), ids.slice(from, from + batch))
    found.push(...records.filter((record) => record.kind === 'order').map((record) => ({ at, record })))
  }
  return found
}

/** One event as the hub takes it in. A notice makes it read the order, at that step or any later one. */
function asIncoming(history: History, event: Event, later: number): IncomingRaw | undefined {
  const record = event.by === 'hook' ? event.records[0] : undefined
  if (event.by === 'hook' && record) {
    const at = history.reads[event.step]?.at ?? ''
    return { record, source: 'hook', receivedAt: at, readStartedAt: at, authoritative: false }
  }
  const read = history.reads[event.by === 'poll' ? event.step : Math.min(history.reads.length - 1, event.step + later)]
  return (
    read && { record: read.record, source: event.by === 'poll' ? 'poll' : 'fetch', receivedAt: read.at, readStartedAt: read.at, authoritative: true }
  )
}

/** A new connection of the channel, so that every run begins with nothing. */
async function openConnection(stage: Stage) {
  const { subject, context } = stage
  const connectionId = `c_${randomBytes(6).toString('hex')}`
  await hub.pool.query('insert into connections (id, channel, name, timezone, currency) values ($1, $2, $1, $3, $4)', [
    connectionId,
    subject.id,
    context.timezone,
    context.currency,
  ])
  const deps = { ...hub, mappings: new Map([[subject.id, subject.mapping]]) }
  return {
    connectionId,
    take: (batch: readonly IncomingRaw[]) => ingest(deps, { ...context, connectionId, channel: subject.id, sandbox: false }, batch),
  }
}

const STANDS = `select external_id, md5(doc::text) as doc, payment, fulfilment, cancelled, source_status from orders where connection_id = $1 order by external_id`
const stands = async (connectionId: string): Promise<readonly unknown[]> => (await hub.pool.query(STANDS, [connectionId])).rows
/** Feed rows of an order whose version is not above the one before. */
const BACKWARDS = `select * from (select order_id, version, lag(version) over (partition by order_id order by seq) as before from feed where connection_id = $1) f where before >= version`

describe.each(channels)('%s', (id) => {
  it(
    `ends as the channel has it, whatever order up to six deliveries and polls of an order come in (${ORDERS * RUNS} of them)`,
    { timeout: PATIENCE_MS },
    () =>
      onStage(subjectOf(id), { products: 5 }, async (stage) => {
        const histories = await live(stage)
        expect(histories.map(({ reads }) => reads.length)).toEqual(histories.map(() => LIFE.length))
        // Not every channel tells of each step: eBay is silent about cancellations.
        const hooked = histories.filter(({ events }) => events.some(({ by }) => by === 'hook'))
        expect(hooked.length).toBeGreaterThan(ORDERS / 2)
        const last = histories.flatMap(({ reads }) =>
          reads.slice(-1).map(({ record, at }): IncomingRaw => ({ record, source: 'fetch', receivedAt: at, readStartedAt: at, authoritative: true })),
        )
        const truth = await openConnection(stage)
        await truth.take(last)
        const wanted = await stands(truth.connectionId)
        expect(wanted).toHaveLength(ORDERS)
        const order = (history: History) => {
          const all = history.events.map((_, i) => i)
          return fc.tuple(
            fc.shuffledSubarray(all, { minLength: all.length }),
            fc.array(fc.constantFrom(...all), { maxLength: 2 }),
            fc.nat({ max: 3 }),
          )
        }
        const property = fc.asyncProperty(fc.tuple(...histories.map(order)), async (orders) => {
          const run = await openConnection(stage)
          const lists = orders.map(([shuffled, doubled, later], n) => {
            const history = histories[n]
            return history
              ? [...shuffled, ...doubled].flatMap((i) => (history.events[i] ? (asIncoming(history, history.events[i], later) ?? []) : []))
              : []
          })
          for (let step = 0; step < Math.max(...lists.map((list) => list.length)); step += 1)
            await run.take(lists.flatMap((list) => list[step] ?? []))
          const asked = await hub.pool.query<{ external_id: string }>('select external_id from fetch_queue where connection_id = $1', [
            run.connectionId,
          ])
          const wait = new Set(asked.rows.map((row) => row.external_id))
          await run.take(last.filter(({ record }) => wait.has(record.externalId)))
          expect(await stands(run.connectionId)).toEqual(wanted)
          expect((await hub.pool.query(BACKWARDS, [run.connectionId])).rows).toEqual([])
        })
        await fc.assert(property, { numRuns: RUNS, endOnFailure: true })
      }),
  )
})
