import { z } from 'zod'
import { formSchema } from '../config-schema.ts'
import { nothing, record } from '../fields.ts'
import { type Route, route } from '../route.ts'

const label = z.object({ en: z.string(), zh: z.string() })

const channels = route({
  method: 'get',
  path: '/v1/channels',
  tag: 'Connections',
  summary: 'Channels this hub speaks, with the form of their settings',
  scope: 'connections:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.array(
    z.looseObject({
      id: z.string(),
      title: label,
      kind: z.string(),
      stability: z.string(),
      capabilities: record,
      config_schema: record,
      secrets_schema: record,
      docs: z.string(),
    }),
  ),
  async handle({ deps }) {
    return [...deps.registry.values()].map(({ manifest }) => ({
      id: manifest.id,
      title: manifest.title,
      kind: manifest.kind,
      stability: manifest.stability,
      capabilities: manifest.capabilities,
      config_schema: formSchema(manifest.config),
      secrets_schema: formSchema(manifest.secrets),
      docs: manifest.api.docs,
      api_version: manifest.api.version,
    }))
  },
})

export const channelRoutes: readonly Route[] = [channels]
