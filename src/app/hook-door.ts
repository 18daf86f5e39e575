import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { AnyConnector, Delivery, Inbound, Registry } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import type { HookReply, HookSink as HttpHookSink } from '../http/deps.ts'
import type { HookSink } from '../intake/receive-hook.ts'
import { openReplaced, openSecrets } from '../store/connection-secrets.ts'
import type { SecretBox } from '../store/envelope.ts'
import { connectionsOfChannel } from '../store/read/connections.ts'

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

  const verify = async (connector: AnyConnector, connectionId: string, inbound: Inbound): Promise<Delivery> => {
    const check = connector.verifyWebhook
    const channel = connector.manifest.id
    if (!check) throw new ChannelError({ kind: 'refused', message: `${channel} sends no webhooks.` })
    return verified({ id: connectionId, channel }, (secrets, config) => check(inbound, secrets, deps.now(), config))
  }
  const take = async (connectionId: string, delivery: Delivery, body: Uint8Array): Promise<HookReply> => {
    const { meta } = delivery
    const deliveryId = storableId(delivery.deliveryId)
    if (delivery.type === 'event') await deps.sink.accept({ connectionId, deliveryId, meta, body, receivedAt: deps.now().toISOString() })
    return delivery.reply
  }

  const shops = shopsOfChannels(deps)
  return {
    accept: async (connection, inbound) => {
      const connector = deps.registry.get(connection.channel)
      if (!connector) throw new ChannelError({ kind: 'refused', message: `${connection.channel} is no channel of this hub.` })
      return take(connection.id, await verify(connector, connection.id, inbound), inbound.body)
    },
    acceptForApp: async (channel, inbound) => {
      const connector = deps.registry.get(channel)
      const routing = connector?.routeWebhook
      const known = routing ? await shops(channel, routing.shopOf) : []
      if (!connector || !routing || known.length === 0) return undefined
      const named = new Set(routing.shopsIn(inbound))
      const meant = known.filter(({ shop }) => named.has(shop))
      const verdicts = await Promise.all((meant.length > 0 ? meant : known).map(({ id }) => verify(connector, id, inbound).catch(refusalOf)))
      const passed = verdicts.flatMap((verdict, i) => (verdict instanceof ChannelError ? [] : [{ id: meant[i]?.id, shop: meant[i]?.shop, verdict }]))
      const [first] = passed
      if (!first) throw verdicts.find((verdict) => verdict instanceof ChannelError)
      await Promise.all(
        passed.flatMap(({ id, shop = '', verdict }) =>
          id === undefined ? [] : take(id, { ...verdict, meta: { ...verdict.meta, shop } }, inbound.body),
        ),
      )
      return first.verdict.reply
    },
  }
}

/** Many deliveries are stored by one statement: an id that no table can hold is known by its hash, so that it spoils none of the others. */
const storableId = (id: string): string => (/^[^\p{Cc}\p{Cs}]{1,300}$/u.test(id) ? id : createHash('sha256').update(id).digest('hex'))

/** A refused signature is a verdict about one connection; everything else ends the delivery. */
function refusalOf(error: unknown): ChannelError {
  if (error instanceof ChannelError && error.fault.kind === 'unauthorized') return error
  throw error
}

/** New connections of a channel are known after this long at most. */
const SHOPS_FRESH_MS = 2000

/** Which connection is which shop of an app; connections whose settings no longer fit their channel are nobody's. */
function shopsOfChannels(
  deps: HookDoorDeps,
): (channel: string, shopOf: (config: unknown) => string) => Promise<readonly { readonly id: string; readonly shop: string }[]> {
  const known = new Map<string, { readonly at: number; readonly shops: Promise<readonly { readonly id: string; readonly shop: string }[]> }>()
  return (channel, shopOf) => {
    const now = deps.now().getTime()
    const kept = known.get(channel)
    if (kept && now - kept.at < SHOPS_FRESH_MS) return kept.shops
    const shops = connectionsOfChannel(deps.pool, channel).then((rows) =>
      rows.flatMap(({ id, config }) => {
        const parsed = deps.registry.get(channel)?.manifest.config.safeParse(config)
        return parsed?.success ? [{ id, shop: shopOf(parsed.data) }] : []
      }),
    )
    known.set(channel, { at: now, shops })
    shops.catch(() => known.delete(channel))
    return shops
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
