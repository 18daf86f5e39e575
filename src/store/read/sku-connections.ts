import type { Db } from './scope.ts'

/** Connections that list any of these SKUs. */
export async function connectionsOfSkus(db: Db, skus: readonly string[]): Promise<readonly string[]> {
  const { rows } = await db.query<{ connection_id: string }>('select distinct connection_id from listings where sku = any($1) order by 1', [skus])
  return rows.map((row) => row.connection_id)
}
