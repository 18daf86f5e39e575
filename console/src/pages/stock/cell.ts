import type { StockCell } from '../../api/stock.ts'

export type CellKind = 'unbound' | 'agrees' | 'drift' | 'oversell' | 'doubt' | 'refused' | 'sending' | 'blocked' | 'readonly'

const asNumber = (value: number | string | null): number | undefined => (value === null ? undefined : Number(value))

/** Shown minus what it should show; undefined while either is unknown. */
export const difference = (cell: StockCell): number | undefined => {
  const shown = asNumber(cell.shown)
  return shown === undefined || cell.desired === null ? undefined : shown - cell.desired
}

/**
 * What one cell has to say. A write whose outcome is unknown comes first; then a channel that shows more than it may
 * sell; then any other difference. A connection that is not armed is told nothing, so a difference there is no drift.
 */
export const cellKind = (cell: StockCell | undefined, armed: boolean): CellKind => {
  if (cell === undefined) return 'unbound'
  if (cell.push_state === 'unknown') return 'doubt'
  if (cell.push_state === 'refused') return 'refused'
  if (!armed) return 'readonly'
  const off = difference(cell)
  if (cell.push_state === 'pending' || cell.push_state === 'sending') return 'sending'
  if (off !== undefined && off > 0) return 'oversell'
  if (off !== undefined && off < 0) return 'drift'
  return cell.push_state === 'blocked' || cell.paused ? 'blocked' : 'agrees'
}
