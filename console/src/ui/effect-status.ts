import type { EffectRow } from '../api/orders.ts'
import type { StatusKind } from './status.tsx'

export const effectKinds: Readonly<Record<EffectRow['state'], StatusKind>> = {
  pending: 'waiting',
  sending: 'progress',
  done: 'ok',
  refused: 'failed',
  unknown: 'doubt',
  cancelled: 'cancelled',
}
