import type { Query } from '../../api/http.ts'
import type { Search } from '../../app/search.ts'

export const states = ['open', 'held', 'to_ship', 'shipped', 'cancelled', 'closed'] as const
export const choices = {
  payment: ['pending', 'authorised', 'partially_paid', 'paid', 'refund_pending', 'partially_refunded', 'refunded', 'voided'],
  fulfilment: ['unallocated', 'allocated', 'released', 'partial', 'shipped', 'in_transit', 'delivered', 'failed'],
  approval: ['new', 'held', 'review', 'approved', 'rejected'],
  after_sale: ['none', 'requested', 'in_progress', 'closed'],
} as const

const passed = ['connection', 'payment', 'fulfilment', 'approval', 'after_sale', 'state', 'q', 'sku', 'sandbox'] as const

const dayStart = (day: string, add: number): string => {
  const at = new Date(`${day}T00:00:00`)
  at.setDate(at.getDate() + add)
  return at.toISOString()
}

/** The hub's filters from the address. Days are the reader's own; the last day counts in full. */
export const orderFilters = (search: Search): Query => {
  const query: Record<string, string> = {}
  for (const name of passed) {
    const value = search[name]
    if (value !== undefined) query[name] = value
  }
  if (search['state'] === 'to_ship' || search['state'] === 'held') query['sort'] = 'ship_by'
  if (search['from'] !== undefined) query['placed_from'] = dayStart(search['from'], 0)
  if (search['to'] !== undefined) query['placed_to'] = dayStart(search['to'], 1)
  return query
}

/** Filters without the state, for the counts beside each state. */
export const withoutState = (query: Query): Query => Object.fromEntries(Object.entries(query).filter(([name]) => name !== 'state' && name !== 'sort'))

/** Filters alone, for what takes all matches at once. */
export const withoutSort = (query: Query): Query => Object.fromEntries(Object.entries(query).filter(([name]) => name !== 'sort'))

const most = 500

/** Order numbers out of pasted text: split at spaces, commas and line ends, each once, at most 500. */
export const splitIds = (text: string): readonly string[] =>
  [
    ...new Set(
      text
        .split(/[\s,;，；、]+/u)
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    ),
  ].slice(0, most)
