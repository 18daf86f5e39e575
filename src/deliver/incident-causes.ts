import type { TrailEvent } from '../store/deliver/incidents.ts'

/** Why more of a SKU was promised than there is, as a code with what is known of it. */
export interface IncidentCause {
  readonly code:
    | 'late-order'
    | 'level-above-books'
    | 'goods-gone'
    | 'write-in-doubt'
    | 'write-under-way'
    | 'seen-late'
    | 'sold-meanwhile'
    | 'sold-beyond'
    | 'taken-elsewhere'
  readonly connection_id?: string
  readonly order_id?: string
  readonly order_no?: string
  /** How late, or how long it took. */
  readonly seconds?: number
  /** The level that was shown or on its way. */
  readonly level?: number
  /** Pieces concerned. */
  readonly quantity?: number
}

type Order = Extract<TrailEvent, { kind: 'order' }>
type Level = Extract<TrailEvent, { kind: 'level' }>

/** Longer than a webhook or a round of polls takes. */
const SEEN_LATE_SECONDS = 120

/**
 * Looks at the newest orders that together make up what is missing, and says of each why its channel could sell it; before them, what broke
 * the rules the whole rests on. At most one entry of a code and a connection.
 */
export function causesOf(trail: readonly TrailEvent[], short: number): readonly IncidentCause[] {
  const gone = goodsGone(trail, short)
  const causes: IncidentCause[] = [...broken(trail), ...gone]
  const orders = trail.filter((event): event is Order => event.kind === 'order')
  // What was taken away explains so many of the missing pieces; of the others somebody sold one too many.
  let missing = short - gone.reduce((sum, { quantity = 0 }) => sum + quantity, 0)
  for (const order of orders.toReversed()) {
    if (missing <= 0) break
    missing -= order.quantity
    causes.push(causeOf(order, orders, trail))
  }
  const seen = new Set<string>()
  return causes.filter(({ code, connection_id = '' }) => {
    const key = `${code} ${connection_id}`
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

const broken = (trail: readonly TrailEvent[]): readonly IncidentCause[] =>
  trail.flatMap((event): readonly IncidentCause[] => {
    if (event.kind === 'late-order')
      return [{ code: 'late-order', connection_id: event.connection_id, order_no: event.order_no, seconds: event.seconds }]
    if (event.kind === 'level-above-books')
      return [{ code: 'level-above-books', connection_id: event.connection_id, level: event.level, quantity: event.level - event.units }]
    return []
  })

/** The last count or movement took goods away that were promised: nothing was sold after it that would explain as much. */
function goodsGone(trail: readonly TrailEvent[], short: number): readonly IncidentCause[] {
  const last = trail.findLastIndex((event) => event.kind === 'goods')
  const event = trail[last]
  if (event?.kind !== 'goods' || event.quantity >= 0) return []
  const soldAfter = trail.slice(last).reduce((sum, one) => sum + (one.kind === 'order' ? one.quantity : 0), 0)
  return soldAfter < short ? [{ code: 'goods-gone', quantity: -event.quantity }] : []
}

function causeOf(order: Order, orders: readonly Order[], trail: readonly TrailEvent[]): IncidentCause {
  const { connection_id, order_id, order_no, quantity } = order
  const about = { connection_id, order_id, order_no, quantity }
  const placed = Date.parse(order.placed_at)
  const levels = trail.filter((event): event is Level => event.kind === 'level' && event.connection_id === connection_id)
  if (levels.length === 0) return { code: 'taken-elsewhere', ...about }
  const lower = levels.find((level) => Date.parse(level.at) <= placed && (level.settled_at === null || Date.parse(level.settled_at) > placed))
  if (lower?.state === 'unknown') return { code: 'write-in-doubt', ...about, level: lower.level }
  if (lower) return { code: 'write-under-way', ...about, level: lower.level, ...seconds(lower.at, lower.settled_at) }
  const elsewhere = orders.find(
    (other) => other.connection_id !== connection_id && Date.parse(other.placed_at) <= placed && Date.parse(other.at) > placed,
  )
  const told = levels.find((level) => Date.parse(level.at) > placed)
  if (elsewhere) return { code: 'sold-meanwhile', ...about, ...seconds(elsewhere.placed_at, told?.settled_at ?? elsewhere.at) }
  const late = (Date.parse(order.at) - placed) / 1000
  if (late > SEEN_LATE_SECONDS) return { code: 'seen-late', ...about, seconds: Math.round(late) }
  const shown = levels.findLast((level) => level.state === 'done' && Date.parse(level.settled_at ?? level.at) <= placed)
  const soldSince = orders
    .filter((other) => other.connection_id === connection_id && shown !== undefined && Date.parse(other.placed_at) > Date.parse(shown.at))
    .reduce((sum, other) => sum + other.quantity, 0)
  if (shown && soldSince > shown.level) return { code: 'sold-beyond', ...about, level: shown.level }
  return { code: 'sold-meanwhile', ...about, ...(told ? seconds(order.placed_at, told.settled_at ?? told.at) : {}) }
}

const seconds = (from: string, to: string | null): { readonly seconds?: number } =>
  to === null ? {} : { seconds: Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)) }
