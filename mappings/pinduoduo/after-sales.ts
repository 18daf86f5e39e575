import type { AfterSaleStatus, Refund } from '../../src/core/order.ts'

interface Meaning {
  readonly axis: AfterSaleStatus
  readonly refund: Refund['state']
  /** Exchange, resend, repair: no money moves. */
  readonly goodsOnly?: true
}

const of = (axis: AfterSaleStatus, refund: Refund['state']): Meaning => ({ axis, refund })
const goods = (axis: AfterSaleStatus, refund: Refund['state']): Meaning => ({ axis, refund, goodsOnly: true })

/** `after_sales_status`, as the pages of the order and after-sales interfaces list it. */
export const AFTER_SALES: ReadonlyMap<string, Meaning> = new Map([
  ['0', of('none', 'rejected')],
  ['2', of('requested', 'requested')],
  ['3', of('requested', 'requested')],
  ['4', of('in_progress', 'approved')],
  ['5', of('in_progress', 'approved')],
  ['6', of('in_progress', 'rejected')],
  ['7', of('in_progress', 'approved')],
  ['8', of('in_progress', 'requested')],
  ['9', of('closed', 'rejected')],
  ['10', of('closed', 'done')],
  ['11', of('closed', 'rejected')],
  ['12', of('closed', 'rejected')],
  ['13', of('closed', 'rejected')],
  ['14', goods('requested', 'requested')],
  ['15', goods('in_progress', 'approved')],
  ['16', goods('closed', 'done')],
  ['17', goods('closed', 'rejected')],
  ['18', goods('in_progress', 'approved')],
  ['21', goods('requested', 'requested')],
  ['22', goods('in_progress', 'approved')],
  ['24', goods('closed', 'rejected')],
  ['25', goods('closed', 'done')],
  ['27', goods('in_progress', 'approved')],
  ['31', of('in_progress', 'approved')],
  ['32', goods('in_progress', 'approved')],
  ['33', of('requested', 'requested')],
])
