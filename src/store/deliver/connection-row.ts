import type pg from 'pg'

/** What decides whether a connection may be written to, and how much of the pool it may show. */
export interface OutboundConnection {
  readonly id: string
  readonly channel: string
  readonly name: string
  readonly state: string
  readonly armed_stock: boolean
  readonly armed_shipments: boolean
  readonly stock_share: string
  readonly stock_buffer: number
  /** shared = all show a share of one pool; quota = each shows units that are its own alone. */
  readonly stock_mode: 'shared' | 'quota'
  readonly sandbox: boolean
  /** At least one of its listings has a quantity by the channel's own word. */
  readonly names_quantities: boolean
}

/** `share` makes disarming and pausing wait for a plan in work; `update` is for changing it. */
export async function outboundConnection(
  client: pg.ClientBase | pg.Pool,
  id: string,
  lock: 'none' | 'share' | 'update' = 'none',
): Promise<OutboundConnection | undefined> {
  return (await outboundConnections(client, [id], lock)).get(id)
}

/** The same for several, locked in the order of their ids. */
export async function outboundConnections(
  client: pg.ClientBase | pg.Pool,
  ids: readonly string[],
  lock: 'none' | 'share' | 'update' = 'none',
): Promise<ReadonlyMap<string, OutboundConnection>> {
  const suffix = lock === 'none' ? '' : lock === 'share' ? 'for share' : 'for update'
  const { rows } = await client.query<OutboundConnection>(
    `select id, channel, name, state, armed_stock, armed_shipments, stock_share::text, stock_buffer, stock_mode, sandbox,
            coalesce((select true from listings l where l.connection_id = connections.id and l.shown is not null limit 1), false) as names_quantities
     from connections where id = any($1) and state <> 'removed' order by id ${suffix}`,
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row]))
}
