import { describe, expect, it } from 'vitest'
import type { MappedRaw } from '../../../src/normalize/prepare.ts'
import { vocabularyOf } from '../../../src/normalize/explain-document.ts'
import { applyStep, stepOf } from '../../../src/normalize/explain-steps.ts'
import { pathAmong } from '../../../src/normalize/explain-values.ts'
import { analyse } from '../../../src/normalize/explain.ts'
import { push } from '../../../mappings/push.ts'
import { mapRecord } from '../../../src/normalize/prepare.ts'

const context = { connectionId: 'c', timezone: 'UTC', currency: 'EUR', config: {} }
const map = (doc: unknown): MappedRaw['outcome'] => mapRecord({ kind: 'order', externalId: '1', payload: '', doc }, push, context)
const order = {
  number: 'A-1',
  placed_at: '2026-11-01T10:00:00Z',
  lines: [
    { sku: 'TEA', name: 'Tea', quantity: '3', unit_price: '2.50' },
    { sku: 'CUP', name: 'Cup', quantity: '1', unit_price: '10.00' },
  ],
  shipping: '4.20',
  payment: { status: 'paid', method: 'cash' },
}
const explained = async (doc: unknown, path: string, others: readonly unknown[] = []) => {
  const analysis = await analyse(doc, map, { vocabulary: vocabularyOf(others), budgetMs: 60_000 })
  const origin = await analysis.originOf(path)
  if (!origin) throw new Error(`nothing at ${path}: ${[...analysis.values.keys()].join(' ')}`)
  return { origin, step: stepOf(path, origin), from: origin.sources.map(({ leaf }) => leaf.pointer).toSorted() }
}

describe('explaining a value', () => {
  it('finds the numbers of a sum with products, and says it as a formula', async () => {
    const { origin, step, from } = await explained(order, 'totals.total')
    expect(origin.value).toEqual({ amount: '21.70', currency: 'EUR' })
    expect(from).toEqual(
      expect.arrayContaining(['/lines/0/unit_price', '/lines/0/quantity', '/lines/1/unit_price', '/lines/1/quantity', '/shipping']),
    )
    expect(from.some((pointer) => /name|number|method/.test(pointer))).toBe(false)
    expect(step.op).toBe('formula')
    const other = new Map<string, unknown>(origin.sources.map(({ leaf }) => [leaf.pointer, leaf.value]))
    expect(String(applyStep(step, other.set('/shipping', '5.20')))).toBe('22.7')
  })

  it('sees a word that decides, when another document shows that there are others', async () => {
    const { step, from } = await explained(order, 'payment', [{ ...order, payment: { status: 'pending' } }])
    expect(from).toEqual(['/payment/status'])
    expect(step).toMatchObject({ op: 'copy', from: '/payment/status' })
    const paid = await explained(order, 'totals.paid', [{ ...order, payment: { status: 'pending' } }])
    expect(paid.from).toContain('/payment/status')
  })

  it('finds two values of which either alone is enough', async () => {
    const either = (doc: unknown): MappedRaw['outcome'] => {
      const { a, b, c } = doc as { a: string; b: string; c: string }
      return {
        kind: 'refund',
        refund: {
          channelRefundNo: c,
          kind: 'refund',
          state: a === 'x' || b === 'x' ? 'done' : 'requested',
          amount: { minor: 1, currency: 'EUR' },
          at: c,
          sourceUpdatedAt: c,
          lines: [],
        },
      }
    }
    const analysis = await analyse({ a: 'x', b: 'x', c: 'z' }, either, { vocabulary: new Map(), budgetMs: 60_000 })
    const origin = await analysis.originOf('state')
    expect(origin?.sufficient).toBe(true)
    expect(origin?.sources).toHaveLength(1)
    expect(['/a', '/b']).toContain(origin?.sources[0]?.leaf.pointer)
    expect((await analysis.originOf('channelRefundNo'))?.sources.map(({ leaf }) => leaf.pointer)).toEqual(['/c'])
  })

  it('calls what nothing in the document decides a constant, and looks into lists that are empty', async () => {
    expect((await explained(order, 'fulfilmentBy')).step).toEqual({ op: 'constant' })
    const list = (doc: unknown): MappedRaw['outcome'] => {
      const { refunds = [] } = doc as { refunds?: unknown[] }
      return {
        kind: 'refund',
        refund: {
          channelRefundNo: '1',
          kind: 'refund',
          state: refunds.length > 0 ? 'done' : 'requested',
          amount: { minor: 1, currency: 'EUR' },
          at: '',
          sourceUpdatedAt: '',
          lines: [],
        },
      }
    }
    const analysis = await analyse({ refunds: [] }, list, { vocabulary: vocabularyOf([{ refunds: [{ id: 1 }] }]), budgetMs: 60_000 })
    expect((await analysis.originOf('state'))?.sources.map(({ leaf }) => leaf.pointer)).toEqual(['/refunds'])
  })

  it('gives up in time and says so', async () => {
    const analysis = await analyse({ ...order, lines: Array.from({ length: 400 }, (_, i) => ({ ...order.lines[0], sku: `S${i}` })) }, map, {
      vocabulary: new Map(),
      budgetMs: 30,
    })
    expect(analysis.complete).toBe(false)
    expect(analysis.values.size).toBeGreaterThan(400)
  })

  it('takes paths as the API and as the mapping write them', () => {
    const values = new Map([
      ['lines.0.unitPrice', 1],
      ['totals.total', 1],
      ['extra.some_name', 1],
    ])
    expect(pathAmong(values, 'lines[0].unit_price')).toBe('lines.0.unitPrice')
    expect(pathAmong(values, 'totals.total.amount')).toBe('totals.total')
    expect(pathAmong(values, 'extra.some_name')).toBe('extra.some_name')
    expect(pathAmong(values, 'lines[1].unit_price')).toBeUndefined()
  })
})
