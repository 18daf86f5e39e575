import { expect } from 'vitest'
import { either, needs, needsWindow, type Check } from '../check.ts'
import { done } from '../lever.ts'
import { everything, history, instant, orderIds, orderOf, pages, readOrder, recordsOf, stored, truthIds } from '../reading.ts'
import { onStage, type Stage } from '../stage.ts'
import { ability, capabilitiesOf, windowStream } from '../subject.ts'

/** Enough orders for several pages, whatever the channel's page size. */
export function severalPages(subject: Parameters<typeof windowStream>[0], pageCount = 4): number {
  const sizes = capabilitiesOf(subject).pullOrders?.streams.map((stream) => stream.pageSize) ?? []
  return (pageCount - 1) * (hasPageSetting(subject) ? 10 : Math.max(...sizes, 1)) + 3
}
const hasPageSetting = ({ connector }: Parameters<typeof windowStream>[0]): boolean =>
  JSON.stringify(Object.keys(Object(Reflect.get(connector.manifest.config, 'shape')))).includes('"pageSize"')

const content = (found: readonly { readonly kind: string; readonly externalId: string; readonly payload: string }[]): readonly string[] =>
  found.map(({ kind, externalId, payload }) => `${kind} ${externalId} ${payload}`).sort()

export const reading: readonly Check[] = [
  {
    id: 'complete',
    title: 'a pull brings every order of the channel, and each maps to what the channel itself knows: lines, quantities, money, status',
    beside: needs('pullOrders'),
    run: (subject) =>
      onStage(subject, { windows: 2, products: 30, orders: severalPages(subject) }, async (stage) => {
        const records = recordsOf(await history(stage))
        expect(orderIds(records)).toEqual(truthIds(stage))
        for (const record of records) if (record.kind === 'order') expectTruth(stage, record)
      }),
  },
  {
    id: 'resume',
    title: 'a pull goes on from every page’s cursor, and from every stored one, without losing an order',
    beside: needs('pullOrders'),
    run: (subject) =>
      onStage(subject, { products: 30, orders: severalPages(subject) }, async (stage) => {
        const call = stage.call()
        const request = everything(stage)
        const whole = await pages(subject, call, request)
        const all = orderIds(recordsOf(whole))
        expect(whole.length).toBeGreaterThan(2)
        expect(all.length).toBeGreaterThan(0)
        for (const [i, page] of whole.entries()) {
          if (page.cursor === null) continue
          const rest = await pages(subject, call, { ...request, after: stored(page.cursor) })
          expect(orderIds([...recordsOf(whole.slice(0, i + 1)), ...recordsOf(rest)])).toEqual(all)
        }
      }),
  },
  {
    id: 'nothing-new',
    title: 'a window without changes ends at once with nothing',
    beside: either(needs('pullOrders'), needsWindow),
    run: (subject) =>
      onStage(subject, { products: 10, orders: 20 }, async (stage) => {
        const { stream } = everything(stage)
        const from = stage.now() - 400 * 86_400_000
        const found = await pages(subject, stage.call(), { stream, window: { from: instant(from), to: instant(from + 60_000) } })
        expect(recordsOf(found)).toEqual([])
        expect(found.length).toBeLessThanOrEqual(2)
      }),
  },
  {
    id: 'changed-meanwhile',
    title: 'an order that changes while it is paged past is brought again by the next window',
    beside: either(needs('pullOrders'), needsWindow),
    run: (subject) =>
      onStage(subject, { products: 30, orders: severalPages(subject) }, async (stage) => {
        const request = everything(stage, 0)
        const iterator = ability(subject, 'pullOrders')(stage.call(), request)[Symbol.asyncIterator]()
        const first = await iterator.next()
        const [id = ''] = orderIds(first.done ? [] : first.value.records)
        stage.sim.clock.advance(5000)
        done(stage.sim.control.edit(id))
        for (let next = await iterator.next(); !next.done && next.value.cursor !== null;) next = await iterator.next()
        const from = request.window?.to ?? ''
        stage.sim.clock.advance(5000)
        const later = await pages(subject, stage.call(), { stream: request.stream, window: { from, to: instant(stage.now() + 1000) } })
        expect(orderIds(recordsOf(later))).toContain(id)
      }),
  },
  {
    id: 'repeat',
    title: 'reading twice gives the same documents, byte for byte',
    beside: needs('pullOrders'),
    run: (subject) =>
      onStage(subject, { windows: 2, products: 30, orders: severalPages(subject, 2) }, async (stage) => {
        const [first, again] = [content(recordsOf(await history(stage))), content(recordsOf(await history(stage)))]
        expect(first.length).toBeGreaterThan(0)
        expect(again).toEqual(first)
      }),
  },
  {
    id: 'own-time',
    title: 'a document carries the channel’s own time of change, also when that goes backwards',
    beside: either(needs('pullOrders', 'fetchOrder'), needsWindow),
    run: (subject) =>
      onStage(subject, { products: 10 }, async (stage) => {
        const id = done(stage.sim.control.shop())
        const timeAfter = async (ms: number): Promise<number> => {
          stage.sim.clock.advance(ms)
          done(stage.sim.control.edit(id))
          return Date.parse((await readOrder(stage, id)).sourceTime ?? '')
        }
        const [first, later, restored] = [await timeAfter(1000), await timeAfter(600_000), await timeAfter(-300_000)]
        expect(later - first).toBe(600_000)
        expect(later - restored).toBe(300_000)
      }),
  },
  {
    id: 'one-order',
    title: 'an order is read and found by its id; one the channel does not know is absent, not an error',
    beside: needs('fetchOrder'),
    run: (subject) =>
      onStage(subject, { products: 10, orders: 6 }, async (stage) => {
        const [id = '', other = ''] = truthIds(stage)
        const fetch = ability(subject, 'fetchOrder')
        expect(orderIds(await fetch(stage.call(), [id, other]))).toEqual([id, other].sort())
        expect(orderIds(await fetch(stage.call(), [id, unknownLike(id)]))).toEqual([id])
        expect(await fetch(stage.call(), [])).toEqual([])
        const find = subject.connector.findOrders
        if (!find) return
        expect(orderIds(await find(stage.call(), id))).toEqual([id])
        expect(orderIds(await find(stage.call(), 'no-such-order-7f3a'))).toEqual([])
      }),
  },
  {
    id: 'ids-of-a-window',
    title: 'the ids of a window are those of the orders a pull of it brings',
    beside: either(needs('pullOrders', 'listOrderIds'), needsWindow),
    run: (subject) =>
      onStage(subject, { products: 30, orders: severalPages(subject, 2) }, async (stage) => {
        const longest = (capabilitiesOf(subject).listOrderIds?.maxWindowHours ?? 24) * 3_600_000
        const to = stage.now() + 60_000
        const window = { from: instant(to - Math.min(longest, (windowStream(subject)?.maxWindowHours ?? 24 * 365) * 3_600_000)), to: instant(to) }
        const ids: string[] = []
        for await (const some of ability(subject, 'listOrderIds')(stage.call(), window)) ids.push(...some)
        const pulled = orderIds(recordsOf(await pages(subject, stage.call(), { stream: everything(stage).stream, window })))
        expect(pulled.length).toBeGreaterThan(0)
        expect([...new Set(ids)].sort()).toEqual(pulled)
      }),
  },
]

/** An id of the same form that no order has. */
const unknownLike = (id: string): string => (/^\d+$/.test(id) ? id.replace(/\d/g, '9') : `${id.slice(0, -4)}9999`)

function expectTruth(stage: Stage, record: Parameters<typeof orderOf>[1]): void {
  const order = orderOf(stage, record)
  const truth = stage.sim.ledger.order(record?.externalId ?? '')
  expect([order.channelOrderNo, order.totals.total.minor, order.currency, order.totals.refunded.minor]).toEqual([
    expect.stringMatching(/./),
    truth?.totalMinor,
    truth?.currency,
    truth?.refundedMinor,
  ])
  expect(order.sourceStatus).toContain(truth?.status)
  expect(Math.floor(Date.parse(order.placedAt) / 1000)).toBe(Math.floor(Date.parse(truth?.placedAt ?? '') / 1000))
  expect(order.lines.map((line) => [line.channelLineNo, line.channelSku])).toEqual(truth?.lines.map((line) => [line.lineId, line.sku]))
  for (const [i, line] of order.lines.entries()) {
    const known = truth?.lines[i]?.quantity
    expect([Number(line.quantity), Number(line.quantity) - Number(line.cancelled)]).toContain(known)
  }
}
