import pg from 'pg'

/** What each setting must not be, because an acknowledged order could then be lost in a power failure. */
const REFUSED: Readonly<Record<string, readonly string[]>> = { fsync: ['off'], full_page_writes: ['off'], synchronous_commit: ['off'] }

/**
 * The hub tells a channel "received" after COMMIT, so COMMIT has to mean that the row is on disk.
 * @throws Error naming the setting, when the server (or this role or database) gives that up for speed.
 */
export async function assertSafePostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string; setting: string }>('select name, setting from pg_settings where name = any($1)', [
      Object.keys(REFUSED),
    ])
    const unsafe = rows.filter((row) => REFUSED[row.name]?.includes(row.setting) === true)
    if (unsafe.length === 0) return
    const list = unsafe.map((row) => `${row.name} = ${row.setting}`).join(', ')
    throw new Error(`This PostgreSQL may lose committed orders in a crash: ${list}. Set it to on (server, database and role) and start again.`)
  } finally {
    await client.end()
  }
}
