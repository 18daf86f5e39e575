import type { StockRow } from '../store/read/stock.ts'
import type { Principal } from './principal.ts'
import { Problem, notFound } from './problem.ts'
import type { Route } from './route.ts'

/** @throws Problem 404, the same as for a place that does not exist */
export function requirePlace(who: Principal, location: string): void {
  if (!seesPlace(who, location)) throw notFound('location')
}

export const seesPlace = (who: Principal, location: string): boolean => who.locations === null || who.locations.includes(location)

const LIMITED: ReadonlySet<Route['scope']> = new Set(['stock:read', 'stock:write', 'admin'])

/** Whoever sees some places only gets nothing of stock, nor of who may see it, but where a route answers for these. @throws Problem 403 */
export function requireEveryPlace(who: Principal, spec: Pick<Route, 'scope' | 'byPlace'>): void {
  if (who.locations !== null && LIMITED.has(spec.scope) && spec.byPlace !== true)
    throw new Problem(403, 'location-scope', 'This concerns the stock of all places; your access is limited to some.')
}

const SIX = 1_000_000n
/** Decimal text with at most six places as millionths, exactly. */
const millionths = (value: unknown): bigint => {
  const [, sign = '', whole = '0', part = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(typeof value === 'string' ? value : '0') ?? []
  const sum = BigInt(whole) * SIX + BigInt(part.padEnd(6, '0'))
  return sign === '-' ? -sum : sum
}
const text = (sum: bigint): string => {
  const size = sum < 0n ? -sum : sum
  const part = String(size % SIX)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return `${sum < 0n ? '-' : ''}${size / SIX}${part === '' ? '' : `.${part}`}`
}

/** A SKU as somebody sees it who may look at some places only: their sums, and nothing of what is on sale elsewhere. */
export function withinPlaces(who: Principal, row: StockRow): StockRow {
  if (who.locations === null) return row
  const locations = row.locations.filter((one) => seesPlace(who, String(one['location'])))
  const sum = (name: string, of = locations): bigint => of.reduce((total, one) => total + millionths(one[name]), 0n)
  const sellable = locations.filter((one) => one['sellable'] === true)
  const free = sum('on_hand', sellable) - sum('reserved', sellable) - sum('safety', sellable) - sum('held', sellable)
  return {
    ...row,
    on_hand: text(sum('on_hand')),
    reserved: text(sum('reserved')),
    safety: text(sum('safety')),
    held: text(sum('held')),
    future: '0',
    parts: [],
    promisable: text(free < 0n ? 0n : free),
    published: '0',
    exposure: '0',
    locations,
    cells: [],
  }
}
