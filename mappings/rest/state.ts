import type { DocumentMap, StatusMeaning } from '../../src/core/document-map.ts'
import { matches, pickText } from '../../src/core/pick.ts'

/** What the status table says, in the words of a field map. */
export interface State {
  readonly payment: 'pending' | 'paid' | 'refunded' | 'voided'
  readonly fulfilment: 'unallocated' | 'shipped' | 'delivered'
  readonly cancelled: boolean
  readonly closed: boolean
  readonly isCod: boolean
}

const MEANINGS: Readonly<Record<Exclude<StatusMeaning, 'ignore'>, Omit<State, 'isCod'>>> = {
  awaiting_payment: { payment: 'pending', fulfilment: 'unallocated', cancelled: false, closed: false },
  to_ship: { payment: 'paid', fulfilment: 'unallocated', cancelled: false, closed: false },
  shipped: { payment: 'paid', fulfilment: 'shipped', cancelled: false, closed: false },
  delivered: { payment: 'paid', fulfilment: 'delivered', cancelled: false, closed: false },
  completed: { payment: 'paid', fulfilment: 'shipped', cancelled: false, closed: true },
  cancelled: { payment: 'voided', fulfilment: 'unallocated', cancelled: true, closed: true },
  refunded: { payment: 'refunded', fulfilment: 'unallocated', cancelled: true, closed: true },
  failed: { payment: 'voided', fulfilment: 'unallocated', cancelled: false, closed: false },
  cancel_requested: { payment: 'paid', fulfilment: 'unallocated', cancelled: false, closed: false },
}

/** `paid` = the document itself has a time of payment, which outweighs the word. */
export function stateOf(
  doc: unknown,
  meaning: Exclude<StatusMeaning, 'ignore'>,
  given: { readonly map: DocumentMap; readonly paid: boolean },
): State {
  const said = MEANINGS[meaning]
  const isCod = given.map.cod !== undefined && matches(doc, given.map.cod)
  const payment =
    given.paid && said.payment !== 'refunded' ? 'paid' : isCod && said.payment === 'paid' && meaning !== 'completed' ? 'pending' : said.payment
  const wasShipped = meaning === 'refunded' && given.map.shippedAt !== undefined && (pickText(doc, given.map.shippedAt) ?? '') !== ''
  return { ...said, payment, isCod, ...(wasShipped ? { fulfilment: 'shipped' as const, cancelled: false } : {}) }
}
