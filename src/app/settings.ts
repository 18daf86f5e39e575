import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { docOf, settingsSchema } from './settings-schema.ts'
import type { ParsedSettings } from './settings-schema.ts'

/** Every setting after parsing, under names of its own where that reads better. Secrets are plain text: never log this object. */
export interface Settings {
  /** Absolute path. */
  readonly home: string
  readonly host: string
  readonly port: number
  readonly publicUrl?: string
  readonly sandbox: 'on' | 'off' | 'auto'
  readonly logLevel: ParsedSettings['HUB_LOG_LEVEL']
  readonly production: boolean
  readonly database: { readonly url?: string; readonly directUrl?: string; readonly poolSize: number }
  readonly temporal: TemporalSettings
  /** Base64 of 32 bytes; absent means the file in the data directory. */
  readonly masterKey?: string
  /** Base64; known beside `masterKey` while it is being replaced. */
  readonly nextMasterKey?: string
  /** The hub the command line talks to, and its key there. */
  readonly hubUrl?: string
  readonly apiKey?: string
  /** Which hosts inside the network connectors may call. */
  readonly privateHosts: 'none' | 'all' | readonly string[]
  readonly trustedProxies: readonly string[]
  readonly metricsToken?: string
  readonly maxFileBytes: number
  readonly sessionHours: number
  readonly workers: number
  readonly activitySlots: number
  readonly workflowCache: number
  readonly shutdownSeconds: number
}

export interface TemporalSettings {
  readonly address?: string
  readonly namespace: string
  readonly apiKey?: string
  readonly tls: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly serverName?: string
  readonly binary?: string
  readonly uiPort?: number
}

/** What is wrong with the environment, one line each. */
export class SettingsError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}\nAll settings are listed in docs/configuration.md.`)
    this.name = 'SettingsError'
    this.problems = problems
  }
}

type Env = Readonly<Record<string, string | undefined>>
type Name = keyof ParsedSettings

const isName = (name: string): name is Name => name in settingsSchema.shape
const NAMES = Object.keys(settingsSchema.shape).filter(isName)
const isSecret = (name: Name): boolean => docOf(name).secret === true

/**
 * Reads all settings from the environment.
 * @throws SettingsError listing every problem at once, without ever quoting a secret.
 */
export function loadSettings(env: Env): Settings {
  const problems = unknownNames(env)
  const values = NAMES.map((name) => [name, valueOf(env, name, problems)] as const).filter(([, value]) => value !== undefined)
  const parsed = settingsSchema.safeParse(Object.fromEntries(values))
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  if (!parsed.success || problems.length > 0) throw new SettingsError(problems)
  const settings = arrange(parsed.data, env)
  const unsafe = contradictions(parsed.data, settings)
  if (unsafe.length > 0) throw new SettingsError(unsafe)
  return settings
}

/** An empty variable counts as not set: that is what `NAME=` in an env file means. */
function valueOf(env: Env, name: Name, problems: string[]): string | undefined {
  const plain = env[name] === '' ? undefined : env[name]
  const file = isSecret(name) ? env[`${name}_FILE`] : undefined
  if (file === undefined || file === '') return plain
  if (plain !== undefined) problems.push(`${name} and ${name}_FILE are both set; keep one.`)
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    problems.push(`${name}_FILE names ${file}, which cannot be read.`)
    return undefined
  }
}

/** A misspelt setting would silently leave its default in force. */
function unknownNames(env: Env): string[] {
  const known = [...NAMES, ...NAMES.filter(isSecret).map((name) => `${name}_FILE`)]
  return Object.keys(env)
    .filter((name) => name.startsWith('HUB_') && !known.includes(name))
    .map((name) => {
      const [nearest] = known.map((other) => ({ other, distance: editDistance(name, other) })).toSorted((a, b) => a.distance - b.distance)
      const hint = nearest !== undefined && nearest.distance <= 4 ? ` Did you mean ${nearest.other}?` : ''
      return `${name} is not a setting.${hint}`
    })
}

function arrange(values: ParsedSettings, env: Env): Settings {
  const embedded = values.DATABASE_URL === undefined && values.TEMPORAL_ADDRESS === undefined
  const production = env['NODE_ENV'] === 'production'
  return {
    home: resolve(values.HUB_HOME),
    host: values.HUB_HOST,
    port: values.HUB_PORT,
    sandbox: values.HUB_SANDBOX === 'auto' ? 'auto' : values.HUB_SANDBOX === '1' ? 'on' : 'off',
    logLevel: values.HUB_LOG_LEVEL,
    production,
    database: { poolSize: values.DATABASE_POOL_SIZE, ...present({ url: values.DATABASE_URL, directUrl: values.DATABASE_DIRECT_URL }) },
    temporal: arrangeTemporal(values),
    privateHosts: privateHosts(values.HUB_ALLOW_PRIVATE_HOSTS, embedded && !production),
    trustedProxies: values.HUB_TRUSTED_PROXIES?.split(',') ?? [],
    maxFileBytes: values.HUB_MAX_FILE_MB * 1024 * 1024,
    sessionHours: values.HUB_SESSION_HOURS,
    workers: values.HUB_WORKERS,
    activitySlots: values.HUB_ACTIVITY_SLOTS,
    workflowCache: values.HUB_WORKFLOW_CACHE,
    shutdownSeconds: values.HUB_SHUTDOWN_SECONDS,
    ...present({
      publicUrl: values.HUB_PUBLIC_URL,
      metricsToken: values.HUB_METRICS_TOKEN,
      masterKey: values.HUB_MASTER_KEY,
      nextMasterKey: values.HUB_MASTER_KEY_NEXT,
      hubUrl: values.HUB_URL,
      apiKey: values.HUB_API_KEY,
    }),
  }
}

function arrangeTemporal(values: ParsedSettings): TemporalSettings {
  const secured = values.TEMPORAL_API_KEY !== undefined || values.TEMPORAL_TLS_CA !== undefined || values.TEMPORAL_TLS_CERT !== undefined
  return {
    namespace: values.TEMPORAL_NAMESPACE,
    tls: values.TEMPORAL_TLS ?? secured,
    ...present({
      address: values.TEMPORAL_ADDRESS,
      apiKey: values.TEMPORAL_API_KEY,
      ca: values.TEMPORAL_TLS_CA,
      cert: values.TEMPORAL_TLS_CERT,
      key: values.TEMPORAL_TLS_KEY,
      serverName: values.TEMPORAL_TLS_SERVER_NAME,
      binary: values.HUB_TEMPORAL_BIN,
      uiPort: values.HUB_TEMPORAL_UI_PORT,
    }),
  }
}

function privateHosts(value: string | undefined, byDefault: boolean): Settings['privateHosts'] {
  if (value === undefined) return byDefault ? 'all' : 'none'
  if (value === '0') return 'none'
  return value === '1' ? 'all' : value.split(',')
}

function contradictions(values: ParsedSettings, settings: Settings): string[] {
  const { temporal } = settings
  const problems: string[] = []
  if (settings.production && values.HUB_ALLOW_PRIVATE_HOSTS === '1')
    problems.push('HUB_ALLOW_PRIVATE_HOSTS: with NODE_ENV=production name the hosts that may be called instead of 1.')
  if (settings.production && settings.publicUrl?.startsWith('http://') === true && !isLocal(settings.publicUrl))
    problems.push('HUB_PUBLIC_URL: with NODE_ENV=production it begins with https://; sign-ins and webhooks would travel in clear text.')
  if ((temporal.cert === undefined) !== (temporal.key === undefined))
    problems.push('TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY belong together: set both or none.')
  if (!temporal.tls && temporal.apiKey !== undefined)
    problems.push('TEMPORAL_API_KEY would travel in clear text: leave TEMPORAL_TLS away or set it to 1.')
  if (settings.database.directUrl !== undefined && settings.database.url === undefined) problems.push('DATABASE_DIRECT_URL needs DATABASE_URL.')
  return problems
}

const isLocal = (url: string): boolean => /^http:\/\/(127\.|localhost[:/]?|\[::1\])/.test(url)

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The members that have a value. */
function present<T extends object>(members: T): Present<T> {
  const kept: Present<T> = { ...members }
  for (const key in kept) if (kept[key] === undefined) delete kept[key]
  return kept
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
