import type pg from 'pg'

/** How many rows each table has, and a fingerprint of what they say. */
export type State = Readonly<Record<string, string>>

/** When a key was last used may change with every request, refused ones too. */
const COUNTED_ONLY: ReadonlySet<string> = new Set(['api_keys', 'rate_limits'])

/** The whole database as one comparable value: two equal states mean that nothing was stored, changed or removed in between. */
export async function stateOf(pool: pg.Pool): Promise<State> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  )
  const parts = tables.map(({ name }) => {
    const print = COUNTED_ONLY.has(name) ? `''` : `md5(coalesce(string_agg(t::text, chr(10) order by t::text), ''))`
    return `select '${name}' as name, count(*) || ' ' || ${print} as print from "${name}" t`
  })
  const { rows } = await pool.query<{ name: string; print: string }>(parts.join(' union all '))
  return Object.fromEntries(rows.map(({ name, print }) => [name, print]))
}
