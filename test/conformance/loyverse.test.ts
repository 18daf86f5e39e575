import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loyverse } from '../../connectors/loyverse/index.ts'
import type { LoyverseCall } from '../../connectors/loyverse/manifest.ts'
import type { MarketControl } from '../../sandbox/stage/market/control.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { Inbound, RawRecord } from '../../src/core/connector.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { mapRecord } from '../../src/normalize/prepare.ts'
import { openSink } from './kit/sink.ts'
import { openStage, type CallGiven, type Stage } from './kit/stage.ts'
import { subjectOf } from './kit/subject.ts'

let stage: Stage
let control: MarketControl
const call = (given?: CallGiven): LoyverseCall => stage.call(given) as LoyverseCall
const iso = (ms: number): string => new Date(ms).toISOString()

beforeEach(async () => {
  stage = await openStage(subjectOf('loyverse'), { products: 12 })
  control = (stage.sim as MarketSim).control
})
afterEach(() => stage.stop())

async function pulled(from: number, to = stage.now() + 1000): Promise<readonly RawRecord[]> {
  const found: RawRecord[] = []
  for await (const page of loyverse.pullOrders(call(), { stream: 'receipts', window: { from: iso(from), to: iso(to) } })) found.push(...page.records)
  return found
}
const sold = (): string => {
  const done = control.shop()
  if (!done.ok) throw new Error(done.reason)
  return done.orderId
}
const mapOf = (record: RawRecord) => mapRecord(record, stage.subject.mapping, stage.context)

describe('receipts', () => {
  it('bring a sale and what was given back for it, each adding up to what the till knows', async () => {
    const from = stage.now() - 1000
    const id = sold()
    stage.sim.clock.advance(60_000)
    control.refund(id, 137)
    control.seedOrders(40, 1)
    const records = await pulled(from - 90_000_000)
    const refunds = records.filter(({ kind }) => kind === 'refund')
    expect(refunds.filter(({ parentId }) => parentId === id).map(mapOf)).toMatchObject([
      { kind: 'refund', refund: { channelOrderNo: id, amount: { minor: 137 } } },
    ])
    for (const record of records) {
      const mapped = mapOf(record)
      expect(mapped.kind).toBe(record.kind)
      if (mapped.kind !== 'order') continue
      const truth = stage.sim.ledger.order(record.externalId)
      expect(checkOrder(mapped.order)).toEqual([])
      expect([mapped.order.totals.total.minor, mapped.order.totals.fees.minor]).toEqual([truth?.totalMinor, truth?.feeMinor])
      expect(mapped.order.lines.map((line) => [line.channelLineNo, line.net.minor, line.tax.minor])).toEqual(
        truth?.lines.map((line) => [line.lineId, line.totalMinor, line.taxMinor]),
      )
    }
  })

  it('of a till that was offline come with the window they arrive in', async () => {
    const before = stage.now()
    stage.sim.clock.advance(5000)
    expect(await stage.sim.levers?.['offline-sale']?.({ hours: 30 }, stage.sim)).toMatchObject({ ok: true })
    const [late] = await pulled(before)
    const mapped = late && mapOf(late)
    if (mapped?.kind !== 'order') throw new Error('The late sale did not come.')
    expect(stage.now() - Date.parse(mapped.order.placedAt)).toBeGreaterThan(29 * 3_600_000)
  })

  it('of another store of the account are left alone, by list, by number and by notice', async () => {
    const id = sold()
    const storeId = '00000000-0000-4000-a000-000000000000'
    const other = call({ config: { storeId } })
    expect(await loyverse.fetchOrder(other, [id])).toEqual([])
    const body = JSON.stringify({ type: 'receipts.update', receipts: [{ receipt_number: id, store_id: 'x' }] })
    expect(loyverse.readWebhook(body, { type: 'receipts.update', store: storeId }).records).toEqual([])
  })

  it('that were not asked for are not taken for those that were', async () => {
    const [id, other] = [sold(), sold()]
    const swapped: CallGiven = { rewrite: (body) => body.replaceAll(`"${id}"`, `"${other}"`) }
    expect(await loyverse.fetchOrder(call(swapped), [id])).toEqual([])
  })
})

describe('notices', () => {
  async function heard(): Promise<Inbound> {
    const sink = await openSink()
    try {
      expect(await loyverse.ensureWebhooks(call(), { url: sink.url, secret: '' })).toMatchObject({ healthy: true, repaired: true })
      sold()
      for (let tries = 0; tries < 400 && sink.heard.length === 0; tries += 1) await new Promise((resolve) => setTimeout(resolve, 5))
      const [inbound] = sink.heard
      if (!inbound) throw new Error('Nothing was heard.')
      return inbound
    } finally {
      await sink.stop()
    }
  }

  it('carry the receipts themselves, as a pull brings them', async () => {
    const inbound = await heard()
    const delivery = loyverse.verifyWebhook(inbound, call().secrets, new Date(), call().config)
    const { records, fetch } = loyverse.readWebhook(Buffer.from(inbound.body).toString('utf8'), delivery.meta)
    expect(fetch).toEqual([])
    const [polled] = await pulled(stage.now() - 60_000)
    expect(records.map(({ externalId, payload, sourceTime }) => [externalId, payload, sourceTime])).toEqual([
      [polled?.externalId, polled?.payload, polled?.sourceTime],
    ])
  })

  it('are not subscribed to with a personal token, whose notices nobody signs', async () => {
    const personal = call({ secrets: { accessToken: 'a-personal-token', clientId: undefined, clientSecret: undefined, refreshToken: undefined } })
    expect(await loyverse.ensureWebhooks(personal, { url: 'https://hub.example/hooks/1', secret: '' })).toMatchObject({ healthy: false, ids: [] })
    expect(stage.sim.ledger.requests()).toEqual([])
  })
})

it('reads and writes with a personal token alone, and says when there is none or a wrong one', async () => {
  const id = sold()
  const accessToken = (stage.sim as MarketSim).market.access.issue()?.token ?? ''
  const none = { clientId: undefined, clientSecret: undefined, refreshToken: undefined }
  const personal = call({ secrets: { ...none, accessToken } })
  expect((await loyverse.fetchOrder(personal, [id])).map(({ externalId }) => externalId)).toEqual([id])
  const wrong = call({ secrets: { ...none, accessToken: 'personal-token-0002' } })
  await expect(loyverse.fetchOrder(wrong, [id])).rejects.toMatchObject({ fault: { kind: 'unauthorized', code: 'UNAUTHORIZED' } })
  await expect(loyverse.fetchOrder(call({ secrets: none }), [id])).rejects.toMatchObject({ fault: { kind: 'misconfigured', code: 'no-token' } })
})
