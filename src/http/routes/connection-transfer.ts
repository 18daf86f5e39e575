import { z } from 'zod'
import { DomainError } from '../../core/fault.ts'
import { createConnection } from '../../store/edit/connections.ts'
import { listConnections } from '../../store/read/connections.ts'
import { currencyCode, label, line, nothing } from '../fields.ts'
import { parseCallable, requireConnector, requireNewShop, requireTimezone } from '../parse-connection.ts'
import { requireWholeHub } from '../principal.ts'
import { Problem } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { tell } from '../tell.ts'
import { settingsFields } from './connections.ts'

const portable = z.strictObject({
  channel: line(60),
  name: label(120),
  config: settingsFields,
  timezone: line(60),
  currency: currencyCode,
})
const bundle = z.strictObject({ connections: z.array(portable).max(1000) })

const exportAll = route({
  method: 'get',
  path: '/v1/connections/export',
  tag: 'Connections',
  summary: 'Settings of all connections, without credentials',
  scope: 'connections:read',
  audit: 'connections.export',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: bundle,
  async handle({ deps, who }) {
    const rows = await listConnections(deps.pool, who.connections)
    return { connections: rows.map(({ channel, name, config, timezone, currency }) => ({ channel, name, config, timezone, currency })) }
  },
})

const importAll = route({
  method: 'post',
  path: '/v1/connections/import',
  tag: 'Connections',
  summary: 'Add exported connections; each waits for its credentials',
  scope: 'connections:write',
  audit: 'connection.import',
  params: nothing,
  query: nothing,
  body: bundle,
  answer: z.object({
    items: z.array(
      z.object({ name: z.string(), result: z.enum(['created', 'exists', 'refused']), id: z.string().nullable(), message: z.string().nullable() }),
    ),
  }),
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const items = []
    for (const item of body.connections) {
      try {
        const connector = requireConnector(deps.registry, item.channel)
        requireTimezone(item.timezone)
        const config = parseCallable(connector, item.config, deps.refusesAddress)
        requireNewShop(connector, config, await listConnections(deps.pool, null))
        const id = await createConnection(deps.pool, deps.secrets, {
          ...item,
          config,
          secrets: {},
          needsAuth: true,
          streams: connector.manifest.capabilities.pullOrders?.streams.map((stream) => stream.id) ?? [],
          startFrom: deps.now().toISOString(),
        })
        await tell(deps, 'connection.import', deps.control.connectionChanged(id))
        items.push({ name: item.name, result: 'created' as const, id, message: null })
      } catch (error) {
        if ((error instanceof DomainError || error instanceof Problem) && error.code === 'connection-exists')
          items.push({ name: item.name, result: 'exists' as const, id: null, message: error.message })
        else if (error instanceof Problem) items.push({ name: item.name, result: 'refused' as const, id: null, message: error.message })
        else throw error
      }
    }
    note({ created: items.filter((item) => item.result === 'created').map((item) => item.id) })
    return { items }
  },
})

export const connectionTransferRoutes: readonly Route[] = [exportAll, importAll]
