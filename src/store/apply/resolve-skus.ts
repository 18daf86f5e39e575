import type pg from 'pg'
import { textArray } from '../text-array.ts'

/** What identifies goods on an order line. */
export interface LineIdentity {
  readonly listingKey?: string
  readonly channelSku: string
  readonly barcode?: string
}

/** Answers which SKU a line means: its listing's binding first, then equal code, then equal barcode. */
export interface SkuIndex {
  find(line: LineIdentity): { readonly sku?: string; readonly ignored: boolean }
}

const keyOf = (line: LineIdentity): string => `${line.listingKey ?? ''}\u0001${line.channelSku}\u0001${line.barcode ?? ''}`

/** One query for all lines of a batch, before its transaction begins. */
export async function resolveSkus(pool: pg.Pool, connectionId: string, lines: Iterable<LineIdentity>): Promise<SkuIndex> {
  const wanted = new Map<string, LineIdentity>()
  for (const line of lines) wanted.set(keyOf(line), line)
  const found = new Map<string, { sku?: string; ignored: boolean }>()
  if (wanted.size > 0) {
    const keys = [...wanted.keys()]
    const asked = [...wanted.values()]
    const { rows } = await pool.query<{ n: number; sku: string | null; ignored: boolean }>({
      name: 'resolve-skus',
      text: `select k.n, coalesce(l.sku, c.sku, b.sku) as sku, coalesce(l.bound = 'ignored', false) as ignored
         from unnest($2::text[], $3::text[], $4::text[]) with ordinality k(listing, sku, barcode, n)
         left join listings l on l.connection_id = $1 and l.listing_key = k.listing
         left join lateral (select sku from skus where sku = k.sku and active limit 1) c on coalesce(l.bound, 'unbound') = 'unbound'
         left join lateral (select min(sku) as sku from skus where barcode = k.barcode and active having count(*) = 1) b on coalesce(l.bound, 'unbound') = 'unbound'
        where coalesce(l.sku, c.sku, b.sku) is not null or l.bound = 'ignored'`,
      values: [
        connectionId,
        textArray(asked.map((line) => line.listingKey ?? null)),
        textArray(asked.map((line) => line.channelSku)),
        textArray(asked.map((line) => line.barcode ?? null)),
      ],
    })
    for (const row of rows) found.set(keys[row.n - 1] ?? '', { ignored: row.ignored, ...(row.sku !== null && { sku: row.sku }) })
  }
  return { find: (line) => found.get(keyOf(line)) ?? { ignored: false } }
}
