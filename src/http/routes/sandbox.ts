import { z } from 'zod'
import { createJob } from '../../store/jobs.ts'
import { listConnections } from '../../store/read/connections.ts'
import { nothing } from '../fields.ts'
import { requireWholeHub } from '../principal.ts'
import { type Route, route } from '../route.ts'
import { jobAnswer, startJob } from './jobs.ts'

const state = route({
  method: 'get',
  path: '/v1/sandbox',
  tag: 'Sandbox',
  summary: 'Simulated connections, if there are any',
  scope: 'connections:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.object({ on: z.boolean(), connections: z.array(z.object({ id: z.string(), name: z.string(), channel: z.string() })) }),
  async handle({ deps, who }) {
    const connections = (await listConnections(deps.pool, who.connections))
      .filter((row) => row.sandbox)
      .map(({ id, name, channel }) => ({ id, name, channel }))
    return { on: connections.length > 0, connections }
  },
})

const remove = route({
  method: 'post',
  path: '/v1/sandbox/remove',
  tag: 'Sandbox',
  summary: 'Remove the simulated connections and everything that came from them',
  scope: 'connections:write',
  audit: 'sandbox.remove',
  status: 202,
  params: nothing,
  query: nothing,
  body: nothing,
  answer: jobAnswer,
  async handle({ deps, who }) {
    requireWholeHub(who)
    const job = await createJob(deps.pool, { kind: 'sandbox-remove', params: {}, createdBy: who.actor })
    return startJob(deps, job.id, 'sandbox-remove')
  },
})

export const sandboxRoutes: readonly Route[] = [state, remove]
