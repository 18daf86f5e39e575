import type pg from 'pg'
import type { Delivery, Registry } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import type { HookSink as HttpHookSink } from '../http/deps.ts'
import type { HookSink } from '../intake/receive-hook.ts'
import { openReplaced, openSecrets } from '../store/connection-secrets.ts'
import type { SecretBox } from '../store/envelope.ts'

export interface HookDoorDeps {
  readonly pool: pg.Pool
  readonly box: SecretBox
  readonly registry: Registry
  readonly sink: HookSink
  readonly now: () => Date
}

/** Rotated credentials are picked up after this long at most, and sooner where a signature does not fit. */
const SECRETS_FRESH_MS = 5000
const LOOK_AGAIN_MS = 500

interface Known {
  readonly at: number
  /** What is in force, then what was replaced a short while ago. */
  readonly secrets: readonly unknown[]
  /** Settings as the channel's schema reads them; undefined where they no longer fit it. */
  readonly config: unknown
}

/** Verifies a delivery with the connection's own secret, has it stored, and only then answers in the channel's words. */
export function createHookDoor(deps: HookDoorDeps): HttpHookSink {
  const cache = new Map<string, Known>()

  const secretsOf = async (connectionId: string, channel: string, freshMs: number): Promise<Known> => {
    const now = deps.now()
    const cached = cache.get(connectionId)
    if (cached && now.getTime() - cached.at < freshMs) return cached
    const {
      rows: [row],
    } = await deps.pool.query<{ secrets: Buffer | null; config: unknown }>('select secrets, config from connections where id = $1', [connectionId])
    const schema = deps.registry.get(channel)?.manifest.secrets
    const current = schema?.safeParse(openSecrets(deps.box, connectionId, row?.secrets ?? null))
    if (!current?.success)
      throw new ChannelError({ kind: 'unauthorized', message: 'The stored credentials of this connection do not fit its channel.' })
    const before = schema?.safeParse(openReplaced(deps.box, connectionId, row?.secrets ?? null, now))
    const config = deps.registry.get(channel)?.manifest.config.safeParse(row?.config)
    const known = {
      at: now.getTime(),
      secrets: before?.success ? [current.data, before.data] : [current.data],
      config: config?.success ? config.data : undefined,
    }
    cache.set(connectionId, known)
    return known
  }

  const verified = async (
    connection: { readonly id: string; readonly channel: string },
    verify: (secrets: unknown, config: unknown) => Delivery,
  ): Promise<Delivery> => {
    const known = await secretsOf(connection.id, connection.channel, SECRETS_FRESH_MS)
    const first = anyOf(known, verify)
    if (!(first instanceof ChannelError)) return first
    const again = await secretsOf(connection.id, connection.channel, LOOK_AGAIN_MS)
    const second = again === known ? first : anyOf(again, verify)
    if (second instanceof ChannelError) throw second
    return second
  }

  return {
    accept: async (connection, inbound) => {
      const connector = deps.registry.get(connection.channel)
      const verify = connector?.verifyWebhook
      if (!verify) throw new ChannelError({ kind: 'refused', message: `${connection.channel} sends no webhooks.` })
      const now = deps.now()
      const delivery = await verified(connection, (secrets, config) => verify(inbound, secrets, now, config))
      if (delivery.type === 'event') {
        await deps.sink.accept({
          connectionId: connection.id,
          deliveryId: delivery.deliveryId,
          meta: delivery.meta,
          body: inbound.body,
          receivedAt: now.toISOString(),
        })
      }
      return delivery.reply
    },
  }
}

/** The delivery by the first secret that signed it; else what the one in force says. */
function anyOf(
  { secrets, config }: Pick<Known, 'secrets' | 'config'>,
  verify: (secrets: unknown, config: unknown) => Delivery,
): Delivery | ChannelError {
  let refusal: ChannelError | undefined
  for (const one of secrets) {
    try {
      return verify(one, config)
    } catch (error) {
      if (!(error instanceof ChannelError) || error.fault.kind !== 'unauthorized') throw error
      refusal ??= error
    }
  }
  return refusal ?? new ChannelError({ kind: 'unauthorized', message: 'This connection has no secret to verify with.' })
}
