import { z } from 'zod'
import type { OrderFilter, OrderState } from '../store/read/orders.ts'
import { connectionId, flag, instant, text } from './fields.ts'
import { badInput } from './problem.ts'

const states = ['open', 'held', 'to_ship', 'shipped', 'cancelled', 'closed'] as const satisfies readonly OrderState[]

/** Filters every order list understands. */
export const orderFilterFields = {
  connection: connectionId.optional(),
  channel: text(60).optional(),
  payment: z.enum(['pending', 'authorised', 'partially_paid', 'paid', 'refund_pending', 'partially_refunded', 'refunded', 'voided']).optional(),
  fulfilment: z.enum(['unallocated', 'allocated', 'released', 'partial', 'shipped', 'in_transit', 'delivered', 'failed']).optional(),
  approval: z.enum(['new', 'held', 'review', 'approved', 'rejected']).optional(),
  after_sale: z.enum(['none', 'requested', 'in_progress', 'closed']).optional(),
  cancelled: flag.optional(),
  state: z.enum(states).optional(),
  q: text(100).optional(),
  sku: text(200).optional(),
  placed_from: instant.optional(),
  placed_to: instant.optional(),
  updated_since: instant.optional(),
  sandbox: flag.optional(),
} as const

const schema = z.strictObject(orderFilterFields)

const DAY_MS = 86_400_000

/**
 * The filter part of a parsed query; an empty search is no search.
 * @throws Problem 400 for ranges nothing can lie in: a silent empty list would hide the slip
 */
export function orderFilter(query: z.output<typeof schema>, now: Date): OrderFilter {
  const { placed_from: from, placed_to: to } = query
  if (from !== undefined && to !== undefined && from > to)
    throw badInput([{ pointer: '?placed_to', code: 'range-invalid', message: 'Must not lie before placed_from.' }])
  if ((query.updated_since ?? '') > new Date(now.getTime() + DAY_MS).toISOString())
    throw badInput([{ pointer: '?updated_since', code: 'range-invalid', message: 'Lies in the future.' }])
  const q = query.q?.trim()
  return { ...query, q: q === '' ? undefined : q }
}
