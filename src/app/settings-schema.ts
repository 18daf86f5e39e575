import { z } from 'zod'

/** In the order of docs/configuration.md. */
export const SECTIONS = ['Hub', 'Database', 'Temporal', 'Security', 'Running', 'Command line'] as const

const docSchema = z.object({ section: z.enum(SECTIONS), text: z.string(), secret: z.boolean().optional(), example: z.string().optional() })

/** How a setting is shown in docs/configuration.md; a secret also comes from a file named by NAME_FILE, and is never printed. */
export type SettingDoc = z.output<typeof docSchema>

const doc = (section: SettingDoc['section'], text: string, more: Pick<SettingDoc, 'secret' | 'example'> = {}): SettingDoc => ({
  section,
  text,
  ...more,
})

const flag = z.enum(['0', '1']).transform((text) => text === '1')
const port = z.coerce.number().int().min(0).max(65_535)
const count = (low: number, high: number) => z.coerce.number().int().min(low).max(high)
const text = z.string().min(1)
const pem = text.refine((value) => value.includes('-----BEGIN '), 'must be PEM text')
const masterKey = text.refine(
  (value) => Buffer.from(value, 'base64').length === 32,
  'must be 32 bytes in base64, as "openssl rand -base64 32" prints them',
)

/** The one list of settings: names, meaning, defaults. Everything else about them is generated from it. */
export const settingsSchema = z.object({
  HUB_HOME: text.default('.hub').meta(doc('Hub', 'Data directory of the embedded services, the master key and the note of the running hub.')),
  HUB_HOST: text.default('127.0.0.1').meta(doc('Hub', 'Address to listen on. Anything but loopback belongs behind a proxy that speaks TLS.')),
  HUB_PORT: port.default(0).meta(doc('Hub', 'Port of the API and the console; 0 takes a free one.', { example: '8080' })),
  HUB_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .meta(
      doc('Hub', 'Where channels and browsers reach the hub from outside: needed for webhooks and sign-in at channels.', {
        example: 'https://hub.example.com',
      }),
    ),
  HUB_SANDBOX: z
    .enum(['0', '1', 'auto'])
    .default('auto')
    .meta(
      doc('Hub', 'Simulated channels with a trickle of orders: 1 on, 0 off, auto on while the database has no connections and nobody removed it.'),
    ),
  HUB_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta(doc('Hub', 'Least severe log line that is written.')),

  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .meta(
      doc('Database', 'PostgreSQL 16 or newer. Without it `hub start` runs an embedded one. A server that may lose commits (fsync off) is refused.', {
        secret: true,
        example: 'postgres://hub:password@127.0.0.1:5432/hub',
      }),
    ),
  DATABASE_DIRECT_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .meta(
      doc(
        'Database',
        'The same database past a transaction pooler, for LISTEN. Without it the worker looks every 250 ms when a pooler is in between.',
        { secret: true },
      ),
    ),
  DATABASE_POOL_SIZE: count(2, 200).default(10).meta(doc('Database', 'Most connections each process opens.')),

  TEMPORAL_ADDRESS: text
    .regex(/^[^\s/]+:\d+$/, 'must be host:port')
    .optional()
    .meta(doc('Temporal', 'host:port of a Temporal server. Without it `hub start` runs an embedded one.', { example: '127.0.0.1:7233' })),
  TEMPORAL_NAMESPACE: text.default('channel-hub').meta(doc('Temporal', 'Namespace of the workflows.')),
  TEMPORAL_API_KEY: text.optional().meta(doc('Temporal', 'Key for a hosted Temporal; turns TLS on.', { secret: true })),
  TEMPORAL_TLS: flag.optional().meta(doc('Temporal', 'TLS towards Temporal: 1 on, 0 off. On by itself with a key or a certificate.')),
  TEMPORAL_TLS_CA: pem.optional().meta(doc('Temporal', 'Certificate authority of the server, as PEM.', { secret: true })),
  TEMPORAL_TLS_CERT: pem.optional().meta(doc('Temporal', 'Client certificate, as PEM.', { secret: true })),
  TEMPORAL_TLS_KEY: pem.optional().meta(doc('Temporal', "Client certificate's private key, as PEM.", { secret: true })),
  TEMPORAL_TLS_SERVER_NAME: text.optional().meta(doc('Temporal', "Name the server's certificate must carry, where it differs from the address.")),
  HUB_TEMPORAL_BIN: text.optional().meta(doc('Temporal', 'Program of the embedded server, where it should not be looked for or fetched.')),
  HUB_TEMPORAL_UI_PORT: port.min(1).optional().meta(doc('Temporal', "Port of Temporal's own web UI beside the embedded server; off without it.")),

  HUB_MASTER_KEY: masterKey
    .optional()
    .meta(
      doc(
        'Security',
        'Key that encrypts the keys of personal data and credentials: 32 bytes in base64. Without it one is made in HUB_HOME/master.key.',
        { secret: true },
      ),
    ),
  HUB_MASTER_KEY_NEXT: masterKey.optional().meta(
    doc('Security', 'The key that is about to replace HUB_MASTER_KEY, given to every process while `hub rotate-master-key --online` runs.', {
      secret: true,
    }),
  ),
  HUB_ALLOW_PRIVATE_HOSTS: z
    .union([z.enum(['0', '1']), z.string().regex(/^[\w.:[\]-]+(,[\w.:[\]-]+)*$/, 'must be 0, 1 or host names joined by commas')])
    .optional()
    .meta(
      doc(
        'Security',
        'Channels on loopback or private addresses: 0 none, 1 all (refused with NODE_ENV=production), or the allowed hosts joined by commas. 1 by default only while both services are embedded.',
        {
          example: 'shop.internal,10.0.0.12',
        },
      ),
    ),
  HUB_TRUSTED_PROXIES: z
    .string()
    .regex(/^[\da-fA-F.:/]+(,[\da-fA-F.:/]+)*$/, 'must be addresses joined by commas')
    .optional()
    .meta(doc('Security', 'Addresses of proxies whose X-Forwarded-* headers are believed.')),
  HUB_METRICS_TOKEN: text
    .optional()
    .meta(doc('Security', 'Bearer token that opens /metrics to other machines; without it only this one reads them.', { secret: true })),
  HUB_SESSION_HOURS: count(1, 720).default(12).meta(doc('Security', 'How long a sign-in to the console lasts.')),

  HUB_MAX_FILE_MB: count(1, 4_096).default(200).meta(doc('Running', 'Largest file that is taken for import, in megabytes.')),
  HUB_WORKERS: count(1, 64).default(1).meta(doc('Running', 'Worker processes of the whole deployment; one more receive workflow than this is kept.')),
  HUB_ACTIVITY_SLOTS: count(1, 500).default(20).meta(doc('Running', 'Activities a worker runs at once.')),
  HUB_WORKFLOW_CACHE: count(0, 10_000).default(200).meta(doc('Running', 'Workflows a worker keeps in memory.')),
  HUB_SHUTDOWN_SECONDS: count(1, 600).default(20).meta(doc('Running', 'How long running work may take to finish when the hub stops.')),

  HUB_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta(doc('Command line', 'The hub the command line talks to; without it the one that runs on HUB_HOME.', { example: 'http://127.0.0.1:8080' })),
  HUB_API_KEY: text.optional().meta(doc('Command line', 'Key the command line shows to that hub.', { secret: true })),
})

export type ParsedSettings = z.output<typeof settingsSchema>

/** The documentation that stands beside a setting in the schema. */
export function docOf(name: keyof typeof settingsSchema.shape): SettingDoc {
  const meta: unknown = settingsSchema.shape[name].meta()
  return docSchema.parse(meta)
}
