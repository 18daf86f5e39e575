import type { AnyConnector, Call, Http, Tokens } from '../core/connector.ts'
import { ChannelError, type Fault } from '../core/fault.ts'

/** Where a connection's tokens live. `renew` runs `refresh` at most once at a time across everybody who shares the store. */
export interface TokenStore {
  read(): Promise<Readonly<Record<string, string>>>
  /** When the stored set is no longer `stale`, somebody else renewed it already: hand that back without refreshing. */
  renew(stale: Readonly<Record<string, string>>, refresh: () => Promise<Tokens>): Promise<Readonly<Record<string, string>>>
}

export interface CallInput {
  readonly connector: AnyConnector
  readonly connectionId: string
  /** As stored; parsed by the connector's schemas here. */
  readonly config: unknown
  readonly secrets: unknown
  readonly http: Http
  readonly tokens: TokenStore
  readonly now: () => Date
  readonly signal: AbortSignal
  readonly folder?: string
  readonly allowPrivate?: readonly string[]
}

/**
 * Puts together what a connector is given.
 * @throws ChannelError `misconfigured` naming the settings that do not fit (never their values).
 */
export function createCall(input: CallInput): Call<unknown, unknown> {
  const { connector } = input
  const call: Call<unknown, unknown> = {
    connectionId: input.connectionId,
    config: parsed(connector.manifest.config, input.config, 'settings'),
    secrets: parsed(connector.manifest.secrets, input.secrets, 'credentials'),
    http: input.http,
    tokens: () => input.tokens.read(),
    renew: async (stale) => {
      const refresh = connector.refreshToken
      if (!refresh)
        throw new ChannelError({ kind: 'unauthorized', message: `${connector.manifest.id} has no token to renew. Enter the credentials again.` })
      return input.tokens.renew(stale, () => refresh(call))
    },
    now: input.now,
    signal: input.signal,
    ...(input.folder === undefined ? {} : { folder: input.folder }),
    ...(input.allowPrivate === undefined ? {} : { allowPrivate: input.allowPrivate }),
  }
  return call
}

/**
 * Runs one channel call with the current token and, when the channel refuses it, once more with a renewed one. `isSpent` says which
 * refusals a new token may mend, where not all of them.
 */
export async function withTokens<T>(
  call: Pick<Call<unknown, unknown>, 'tokens' | 'renew'>,
  run: (tokens: Readonly<Record<string, string>>) => Promise<T>,
  isSpent: (fault: Fault) => boolean = () => true,
): Promise<T> {
  const tokens = await call.tokens()
  try {
    return await run(tokens)
  } catch (error) {
    if (!(error instanceof ChannelError) || error.fault.kind !== 'unauthorized' || !isSpent(error.fault)) throw error
    return run(await call.renew(tokens))
  }
}

/** Tokens of one process: for tests and for connectors without tokens. */
export function memoryTokens(initial: Readonly<Record<string, string>> = {}): TokenStore {
  let current = initial
  let pending: Promise<Readonly<Record<string, string>>> | undefined
  return {
    read: () => Promise.resolve(current),
    async renew(stale, refresh) {
      if (JSON.stringify(stale) !== JSON.stringify(current)) return current
      pending ??= refresh()
        .then((tokens) => (current = tokens.values))
        .finally(() => (pending = undefined))
      return pending
    },
  }
}

function parsed(schema: AnyConnector['manifest']['config'], value: unknown, what: string): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const paths = [...new Set(result.error.issues.map((issue) => issue.path.join('.') || '(whole)'))]
  throw new ChannelError({ kind: 'misconfigured', code: 'settings-invalid', message: `The ${what} do not fit: ${paths.join(', ')}.` })
}
