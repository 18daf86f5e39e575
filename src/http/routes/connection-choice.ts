import { z } from 'zod'
import { changeConnection } from '../../store/edit/connections.ts'
import { noteFailure } from '../../store/edit/failures.ts'
import { readFailureGroup } from '../../store/read/failures.ts'
import { connectionParam, done, line, nothing, rowId } from '../fields.ts'
import { parseCallable, requireConnector } from '../parse-connection.ts'
import { Problem, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { tell } from '../tell.ts'
import { requireRow } from './connection-actions.ts'

const choose = route({
  method: 'post',
  path: '/v1/connections/{id}/choose',
  tag: 'Connections',
  summary: 'Set what only the channel can list (the place its stock is told for), to one of the values its check offers',
  scope: 'connections:renew',
  audit: 'connection.choose',
  params: connectionParam,
  query: nothing,
  body: z.strictObject({ setting: line(60), value: line(200), group: rowId.optional() }),
  answer: done,
  async handle({ deps, who, params, body, note }) {
    const row = await requireRow(deps, who, params.id)
    const { group } = body
    if (group !== undefined && (await readFailureGroup(deps.pool, group, who.connections))?.connection_id !== row.id) throw notFound('failure')
    const { channel, config, timezone, currency } = row
    const { steps, fault } = await deps.control.checkConnection({ channel, config, secrets: {}, timezone, currency, connectionId: row.id })
    if (fault !== undefined) throw new Problem(502, `channel-${fault.kind}`, fault.message)
    const offered = steps.flatMap(({ offers }) => (offers?.setting === body.setting ? offers.values : []))
    const chosen = offered.find(({ value }) => value === body.value)
    if (chosen === undefined) throw new Problem(422, 'not-offered', 'The channel does not offer this value.')
    const parsed = parseCallable(requireConnector(deps.registry, channel), { ...config, [body.setting]: chosen.value }, deps.refusesAddress)
    await changeConnection(deps.pool, deps.secrets, row.id, { config: parsed }, row.version)
    note({ setting: body.setting, value: chosen.value })
    if (group !== undefined)
      await noteFailure(deps.pool, group, { kind: 'fix', text: `${body.setting} = ${chosen.value} ${chosen.name}`, author: who.actor })
    await tell(deps, 'connection.choose', deps.control.connectionChanged(row.id))
    return { ok: true }
  },
})

export const connectionChoiceRoutes: readonly Route[] = [choose]
