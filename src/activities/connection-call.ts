import type pg from 'pg'
import type { AnyConnector, Registry } from '../core/connector.ts'
import { ChannelError, DomainError } from '../core/fault.ts'
import { createAgents, type Agents } from '../kit/agents.ts'
import { createCall, memoryTokens, type TokenStore } from '../kit/call.ts'
import { channelClock } from '../kit/channel-clock.ts'
import { createHttp, type HttpLog } from '../kit/http.ts'
import type { ConnectionContext } from '../normalize/prepare.ts'
import { openSecrets } from '../store/connection-secrets.ts'
import { loadConnection, type StoredConnection } from '../store/deliver/open-connection.ts'
import type { SecretBox } from '../store/envelope.ts'
import { overridesOf } from '../store/overrides/load-overrides.ts'
import { postgresLimiter } from '../store/rate-limit.ts'
import { storedTokens } from '../store/tokens.ts'
import type { OpenedConnection } from './pull.ts'

export interface ChannelDeps {
  readonly pool: pg.Pool
  readonly box: SecretBox
  readonly registry: Registry
  readonly now: () => Date
  /** `all`: channels may live on loopback or private addresses (embedded and sandbox mode); else exactly these hosts, or `host:port`. */
  readonly allowPrivate: 'all' | readonly string[]
  readonly httpLog?: HttpLog
  /** Local folder of a file connection. */
  readonly folderOf?: (connectionId: string) => string
}

/** Settings that are tried out before they are stored. */
export interface TrialConnection {
  readonly connectionId: string
  readonly channel: string
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, unknown>>
  readonly timezone: string
  readonly currency: string
}

/** `write`: every single call is refused, for certain not sent, from the moment all outbound writes are stopped. */
export type Purpose = 'read' | 'write'

/** Opens connections for work: credentials unsealed, HTTP paced by the limits all workers share, tokens single-flight. */
export interface Channels {
  /** @throws DomainError `connection-unknown`; ChannelError `misconfigured` naming settings that do not fit. */
  open(connectionId: string, signal: AbortSignal, purpose?: Purpose): Promise<OpenedConnection & { readonly stored: StoredConnection }>
  /** The same for a connection that was loaded already, to write. @throws ChannelError `misconfigured` */
  openLoaded(stored: StoredConnection, signal: AbortSignal): OpenedConnection
  /** The same for settings that are not stored; tokens live for this call only. */
  openTrial(trial: TrialConnection, signal: AbortSignal): OpenedConnection
  contextOf(connectionId: string): Promise<ConnectionContext>
  close(): void
}

/** Pools of sockets per set of private addresses: a handful at most. */
const MAX_POOLS = 200

export function createChannels(deps: ChannelDeps): Channels {
  const sockets = new Sockets(deps.allowPrivate)
  const connect = (given: Given, tokens: TokenStore, signal: AbortSignal, purpose: Purpose): OpenedConnection => {
    const connector = connectorOf(deps.registry, given.channel)
    const config = connector.manifest.config.safeParse(given.config)
    const hosts = config.success ? connector.manifest.hosts(config.data) : []
    const limiter = postgresLimiter({ pool: deps.pool, signal, stoppable: purpose === 'write' })
    const clock = channelClock()
    const http = createHttp({
      connector,
      connectionId: given.connectionId,
      hosts,
      limiter,
      allowPrivate: [],
      agents: sockets.for(hosts),
      now: deps.now,
      signal,
      clock,
      ...(deps.httpLog && { log: deps.httpLog }),
    })
    const folder = deps.folderOf?.(given.connectionId)
    const { connectionId, config: settings, secrets } = given
    const rest = { tokens, now: deps.now, signal, allowPrivate: sockets.privateOf(hosts), ...(folder !== undefined && { folder }) }
    return { connector, call: createCall({ connector, connectionId, config: settings, secrets, http, ...rest }), context: contextFrom(given), clock }
  }
  const load = async (connectionId: string): Promise<StoredConnection> => {
    const stored = await loadConnection(deps.pool, connectionId)
    if (!stored) throw new DomainError('connection-unknown', `There is no connection ${connectionId}.`)
    return stored
  }
  const openStored = (stored: StoredConnection, signal: AbortSignal, purpose: Purpose): OpenedConnection => {
    const secrets = openSecrets(deps.box, stored.id, stored.secrets)
    return connect({ ...stored, connectionId: stored.id, secrets }, storedTokens(deps.pool, deps.box, stored.id), signal, purpose)
  }
  return {
    open: async (connectionId, signal, purpose = 'read') => {
      const stored = await load(connectionId)
      return { ...openStored(stored, signal, purpose), stored }
    },
    openLoaded: (stored, signal) => openStored(stored, signal, 'write'),
    openTrial: (trial, signal) => connect({ ...trial, sandbox: false }, memoryTokens(), signal, 'read'),
    contextOf: async (connectionId) => contextFrom({ ...(await load(connectionId)), connectionId }),
    close: () => sockets.close(),
  }
}

type Given = TrialConnection & { readonly sandbox: boolean } & Pick<StoredConnection, 'overrides'>

function contextFrom({ connectionId, channel, timezone, currency, config, sandbox, overrides: stored }: Omit<Given, 'secrets'>): ConnectionContext {
  const overrides = overridesOf(stored)
  return { connectionId, channel, timezone, currency, config, sandbox, ...(overrides && { overrides }) }
}

/** Sockets are kept open per set of private addresses they may reach. */
class Sockets {
  readonly #allowed: ChannelDeps['allowPrivate']
  readonly #pools = new Map<string, Agents>()

  constructor(allowed: ChannelDeps['allowPrivate']) {
    this.#allowed = allowed
  }

  privateOf(hosts: readonly string[]): readonly string[] {
    return hosts
      .map(addressOf)
      .filter((address) => isAllowed(this.#allowed, address))
      .map(({ host, port }) => `${host}:${port}`)
  }

  for(hosts: readonly string[]): Agents {
    const allowPrivate = this.privateOf(hosts)
    const key = allowPrivate.toSorted().join()
    const known = this.#pools.get(key)
    if (known) return known
    if (this.#pools.size >= MAX_POOLS) this.#pools.clear() // sockets in use end with their calls, idle ones by their own timeout
    const made = createAgents({ allowPrivate })
    this.#pools.set(key, made)
    return made
  }

  close(): void {
    for (const agents of this.#pools.values()) agents.close()
    this.#pools.clear()
  }
}

function connectorOf(registry: Registry, channel: string): AnyConnector {
  const connector = registry.get(channel)
  if (!connector) throw new ChannelError({ kind: 'misconfigured', code: 'channel-unknown', message: `This hub does not speak "${channel}".` })
  return connector
}

interface Address {
  readonly host: string
  readonly port: string
}

/** Where clouds hand out credentials to whoever asks from inside: never a channel, unless named on purpose. */
const METADATA = /^(169\.254\.|100\.100\.100\.200$|\[?fd00:ec2:)/

/** Whether the hub's settings let channels live at this address although it is private. */
export const allowsPrivate = (allowed: ChannelDeps['allowPrivate'], text: string): boolean => isAllowed(allowed, addressOf(text))

const isAllowed = (allowed: ChannelDeps['allowPrivate'], { host, port }: Address): boolean =>
  allowed === 'all' ? !METADATA.test(host) : allowed.includes(host) || allowed.includes(`${host}:${port}`)

/** @param text a URL, or `host[:port]` of something that is reached over https */
function addressOf(text: string): Address {
  const url = new URL(text.includes('://') ? text : `https://${text}`)
  return { host: url.hostname, port: url.port || (url.protocol === 'https:' ? '443' : '80') }
}
