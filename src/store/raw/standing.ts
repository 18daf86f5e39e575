import type pg from 'pg'
import { bareArray, textArray } from '../text-array.ts'

/**
 * What stands for the entities of these documents, and whether that is the document itself, byte for byte. A cheap look before mapping; the gate
 * judges again under lock. An authoritative read of what only a webhook said is news: it confirms it.
 */
export async function standing(
  pool: pg.Pool,
  connectionId: string,
  documents: readonly { readonly kind: string; readonly externalId: string; readonly sha256: Buffer; readonly authoritative: boolean }[],
): Promise<ReadonlyMap<string, 'unchanged' | 'other'>> {
  if (documents.length === 0) return new Map()
  const { rows } = await pool.query<{ key: string; same: boolean }>({
    name: 'standing',
    // Each by its key: joined, some ten thousand heads are read from end to end for every page of documents.
    text: `select d.k || '/' || d.e as key, h.sha256 = decode(d.h, 'hex') and (h.authoritative or not d.a) as same from unnest($2::text[], $3::text[], $4::text[], $5::boolean[]) d(k, e, h, a)
       cross join lateral (select h.sha256, h.authoritative from raw_heads h where h.connection_id = $1 and h.kind = d.k and h.external_id = d.e limit 1) h`,
    values: [
      connectionId,
      textArray(documents.map((d) => d.kind)),
      textArray(documents.map((d) => d.externalId)),
      bareArray(documents.map((d) => d.sha256.toString('hex'))),
      bareArray(documents.map((d) => (d.authoritative ? 't' : 'f'))),
    ],
  })
  return new Map(rows.map((row) => [row.key, row.same ? 'unchanged' : 'other']))
}
