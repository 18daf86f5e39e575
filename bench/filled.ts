import type { Hub } from './hub-process.ts'
import type { Sitting } from './sitting.ts'
import { backfill, connect, type Connection } from './steps.ts'

const filled = new WeakMap<Hub, Promise<Connection>>()

/** A connection of this sitting's hub that holds every order of the mock; filled when it is first wanted. */
export async function filledConnection(sitting: Sitting): Promise<Connection> {
  const hub = await sitting.hub()
  const known = filled.get(hub) ?? fill(sitting, hub)
  filled.set(hub, known)
  return known
}

async function fill(sitting: Sitting, hub: Hub): Promise<Connection> {
  const mock = await sitting.mock()
  await mock.control(`reset?n=${sitting.options.orders}`)
  const connection = await connect(hub, mock)
  sitting.say(`filling a connection with ${sitting.options.orders} orders`)
  await backfill(hub, connection, 0, sitting.options.orders)
  return connection
}
