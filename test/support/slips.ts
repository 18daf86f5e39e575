import type pg from 'pg'

/** One way the functions of the database can be wrong. */
export interface Slip {
  readonly find: string
  readonly put: string
}

/**
 * Puts slips into the functions as they stand after every migration. Answers how to take them out again.
 * @throws Error when a slip does not fit exactly one place: the functions have changed under it
 */
export async function breakFunctions(client: Pick<pg.ClientBase, 'query'>, slips: readonly Slip[]): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ name: string; text: string }>(
    `select p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) as text from pg_proc p where p.pronamespace = current_schema()::regnamespace and p.prokind = 'f'`,
  )
  const whole = new Map(rows.map(({ name, text }) => [name, text]))
  const broken = new Map<string, string>()
  for (const { find, put } of slips) {
    const fitting = [...whole].filter(([, text]) => text.includes(find))
    const [one] = fitting
    if (!one || fitting.length > 1 || one[1].split(find).length !== 2) throw new Error(`The slip does not fit once: ${find}`)
    const [name, text] = one
    broken.set(
      name,
      (broken.get(name) ?? text).replace(find, () => put),
    )
  }
  for (const text of broken.values()) await client.query(text)
  return async () => {
    for (const name of broken.keys()) await client.query(whole.get(name) ?? '')
  }
}
