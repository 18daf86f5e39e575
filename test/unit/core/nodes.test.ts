import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NODES, type NodeFacts, orderNodes } from '../../../src/core/nodes.ts'

const AT = '2026-11-01T00:00:00.000Z'
const order = (
  over: Partial<NodeFacts> = {},
  facts: readonly string[] = ['placed', 'paid', 'ingested', 'normalised', 'validated', 'approved', 'allocated'],
): NodeFacts => ({
  facts: new Map(facts.map((code) => [code, AT])),
  payment: 'paid',
  fulfilment: 'unallocated',
  isCod: false,
  cancelled: false,
  holds: [],
  allocated: true,
  ...over,
})
const states = (facts: NodeFacts): Record<string, string> => Object.fromEntries(orderNodes(facts).map((node) => [node.code, node.state]))

describe('the fifteen stations', () => {
  it('end where the order stands', () => {
    expect(states(order())).toMatchObject({ allocated: 'done', released: 'next', picked: 'waiting', received: 'waiting' })
  })

  it('pass over what nobody reported once the order went on', () => {
    expect(
      states(order({ fulfilment: 'shipped', writeback: 'done' }, ['placed', 'paid', 'shipped', 'channel_confirmed', 'validated', 'approved'])),
    ).toMatchObject({
      released: 'skipped',
      picked: 'skipped',
      packed: 'skipped',
      shipped: 'done',
      channel_confirmed: 'done',
      in_transit: 'next',
    })
  })

  it('show a hold as failed validation', () => {
    expect(states(order({ holds: ['sku-unbound'] }))).toMatchObject({ validated: 'failed', approved: 'waiting' })
  })

  it('show a refused or doubtful write-back', () => {
    const shipped = ['placed', 'paid', 'validated', 'approved', 'shipped']
    expect(states(order({ fulfilment: 'shipped', writeback: 'unknown' }, shipped)).channel_confirmed).toBe('failed')
    expect(states(order({ fulfilment: 'shipped', writeback: 'pending' }, shipped)).channel_confirmed).toBe('next')
  })

  it('do not call a partial shipment shipped', () => {
    expect(states(order({ fulfilment: 'partial' }, ['placed', 'paid', 'validated', 'approved', 'shipped'])).shipped).not.toBe('done')
  })

  it('expect nothing more of a cancelled order', () => {
    expect(Object.values(states(order({ cancelled: true }))).filter((state) => state === 'next' || state === 'waiting')).toEqual([])
  })

  it('are always fifteen, in order, with at most one next and none waiting before it', () => {
    const anyOrder = fc.record({
      facts: fc.subarray<string>([...NODES]).map((codes) => new Map(codes.map((code) => [code, AT]))),
      payment: fc.constantFrom<NodeFacts['payment']>('pending', 'paid', 'refunded'),
      isCod: fc.boolean(),
      cancelled: fc.boolean(),
      fulfilment: fc.constantFrom<NodeFacts['fulfilment']>('unallocated', 'partial', 'shipped', 'in_transit', 'delivered', 'failed'),
      holds: fc.subarray<string>(['sku-unbound']),
      allocated: fc.boolean(),
      writeback: fc.constantFrom<'pending' | 'done' | 'refused' | 'unknown'>('pending', 'done', 'refused', 'unknown'),
      release: fc.constantFrom<'accepted' | 'rejected'>('accepted', 'rejected'),
    })
    fc.assert(
      fc.property(anyOrder, (facts) => {
        const nodes = orderNodes(facts)
        const next = nodes.findIndex((node) => node.state === 'next')
        expect(nodes.map((node) => node.code)).toEqual([...NODES])
        expect(nodes.filter((node) => node.state === 'next').length).toBeLessThanOrEqual(1)
        if (next >= 0) expect(nodes.slice(0, next).some((node) => node.state === 'waiting')).toBe(false)
      }),
    )
  })
})
