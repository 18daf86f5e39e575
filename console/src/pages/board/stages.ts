import type { NodeLoad } from '../../api/board.ts'

/** The stations an order can wait for, by the stage people talk about. */
export const stages = [
  { code: 'pay', nodes: ['paid'] },
  { code: 'review', nodes: ['validated', 'approved'] },
  { code: 'allocate', nodes: ['allocated'] },
  { code: 'ship', nodes: ['released', 'picked', 'packed', 'shipped'] },
  { code: 'confirm', nodes: ['channel_confirmed'] },
  { code: 'way', nodes: ['in_transit', 'out_for_delivery', 'received'] },
] as const

export interface StageLoad {
  readonly orders: number
  readonly stuck: number
  readonly overdue: number
  readonly oldest: string | undefined
}

/** All loads together: their sums, and the oldest of the oldest. */
export const together = (loads: readonly NodeLoad[]): StageLoad => ({
  orders: loads.reduce((sum, load) => sum + load.orders, 0),
  stuck: loads.reduce((sum, load) => sum + load.stuck, 0),
  overdue: loads.reduce((sum, load) => sum + load.overdue, 0),
  oldest: loads.map((load) => load.oldest).toSorted((a, b) => Date.parse(a) - Date.parse(b))[0],
})
