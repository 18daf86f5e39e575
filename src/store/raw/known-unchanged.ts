import type pg from 'pg'

/**
 * Which of these documents already stand for their entity, byte for byte. A cheap look before mapping; the gate judges
 * again under lock. An authoritative read of what only a webhook said is news: it confirms it.
 */
export async function knownUnchanged(
  pool: pg.Pool,
  connectionId: string,
  documents: readonly { readonly kind: string; readonly externalId: string; readonly sha256: Buffer; readonly authoritative: boolean }[],
): Promise<ReadonlySet<string>> {
  if (documents.length === 0) return new Set()
  const { rows } = await pool.query<{ key: string }>({
    name: 'known-unchanged',
    // Each by its key: joined, some ten thousand heads are read from end to end for every page of documents.
    text: `select d.k || '/' || d.e as key from unnest($2::text[], $3::text[], $4::text[], $5::boolean[]) d(k, e, h, a)
       cross join lateral (select h.sha256, h.authoritative from raw_heads h where h.connection_id = $1 and h.kind = d.k and h.external_id = d.e limit 1) h
       where h.sha256 = decode(d.h, 'hex') and (h.authoritative or not d.a)`,
    values: [
      connectionId,
      documents.map((d) => d.kind),
      documents.map((d) => d.externalId),
      documents.map((d) => d.sha256.toString('hex')),
      documents.map((d) => d.authoritative),
    ],
  })
  return new Set(rows.map((row) => row.key))
}
