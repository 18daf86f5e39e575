import { describe, expect, it } from 'vitest'
import { type LabelFacts, orderLabel } from '../../../src/core/label.ts'

const order: LabelFacts = {
  payment: 'paid',
  fulfilment: 'unallocated',
  cancelled: false,
  cancelRequested: false,
  closed: false,
  isCod: false,
  holds: [],
}
const code = (over: Partial<LabelFacts>): string => orderLabel({ ...order, ...over }).code

describe('the derived label', () => {
  it.each<[string, Partial<LabelFacts>, string]>([
    ['waits to be shipped', {}, 'to-ship'],
    ['waits for money', { payment: 'pending' }, 'awaiting-payment'],
    ['does not wait for money that comes at the door', { payment: 'pending', isCod: true }, 'to-ship'],
    ['is held', { holds: ['sku-unbound'] }, 'held'],
    [
      'has a buyer who wants out, before any other hold',
      { cancelRequested: true, holds: ['cancel-requested', 'address-incomplete'] },
      'cancel-requested',
    ],
    ['was shipped in spite of the request', { cancelRequested: true, fulfilment: 'shipped' }, 'shipped'],
    ['is in doubt before anything else that is open', { effect: 'unknown', holds: ['x'], fulfilment: 'shipped' }, 'in-doubt'],
    ['was refused by the channel', { effect: 'refused', fulfilment: 'shipped' }, 'writeback-refused'],
    ['waits for the channel to hear of it', { effect: 'pending', fulfilment: 'shipped' }, 'awaiting-channel'],
    ['is cancelled, whatever else', { cancelled: true, effect: 'unknown' }, 'cancelled'],
    ['was rejected by the ERP', { release: 'rejected' }, 'erp-rejected'],
    ['is partly gone', { fulfilment: 'partial' }, 'partly-shipped'],
    ['arrived', { fulfilment: 'delivered' }, 'delivered'],
    ['is over', { fulfilment: 'delivered', closed: true }, 'completed'],
    ['was paid back', { payment: 'refunded' }, 'refunded'],
  ])('says of an order that %s', (_words, over, expected) => {
    expect(code(over)).toBe(expected)
  })

  it('names the first hold and how many there are', () => {
    expect(orderLabel({ ...order, holds: ['a', 'b'] })).toEqual({ code: 'held', params: { code: 'a', count: '2' } })
  })
})
