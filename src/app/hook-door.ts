import type pg from 'pg'
import type { Registry } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import type { HookSink as HttpHookSink } from '../http/deps.ts'
import type { HookSink } from '../intake/receive-hook.ts'
import { openSecrets } from '../store/connection-secrets.ts'
import type { SecretBox } from '../store/envelope.ts'

export interface HookDoorDeps {
  readonly pool: pg.Pool
  readonly box: SecretBox
  readonly registry: Registry
  readonly sink: HookSink
  readonly now: () => Date
}

/** Rotated credentials are picked up after this long at most. */
const SECRETS_FRESH_MS = 5000

/** Verifies a delivery with the connection's own secret, has it stored, and only then answers in the channel's words. */
export function createHookDoor(deps: HookDoorDeps): HttpHookSink {
  const cache = new Map<string, { readonly at: number; readonly secrets: unknown }>()

  const secretsOf = async (connectionId: string, channel: string): Promise<unknown> => {
    const now = deps.now().getTime()
    const cached = cache.get(connectionId)
    if (cached && now - cached.at < SECRETS_FRESH_MS) return cached.secrets
    const {
      rows: [row],
    } = await deps.pool.query<{ secrets: Buffer | null }>('select secrets from connections where id = $1', [connectionId])
    const parsed = deps.registry.get(channel)?.manifest.secrets.safeParse(openSecrets(deps.box, connectionId, row?.secrets ?? null))
    if (!parsed?.success)
      throw new ChannelError({ kind: 'unauthorized', message: 'The stored credentials of this connection do not fit its channel.' })
    cache.set(connectionId, { at: now, secrets: parsed.data })
    return parsed.data
  }

  return {
    accept: async (connection, inbound) => {
      const connector = deps.registry.get(connection.channel)
      if (!connector?.verifyWebhook) throw new ChannelError({ kind: 'refused', message: `${connection.channel} sends no webhooks.` })
      const now = deps.now()
      const delivery = connector.verifyWebhook(inbound, await secretsOf(connection.id, connection.channel), now)
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
