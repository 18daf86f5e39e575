import type pg from 'pg'
import type { Channels } from '../activities/connection-call.ts'
import type { Capabilities, OpenedRecipient, SealedRecipient } from '../core/connector.ts'
import { ChannelError, DomainError } from '../core/fault.ts'
import { NOTHING_SEALED } from '../kit/opened-recipient.ts'
import { textField } from '../kit/read.ts'
import { tryTake } from '../store/rate-limit.ts'

const DAY_SECONDS = 86_400

/**
 * One recipient in clear from its channel. The channel's daily quota is counted here, for all workers and before the call:
 * a spent one is refused at once instead of being waited for.
 */
export async function decryptRecipient(
  deps: { readonly pool: pg.Pool; readonly channels: Channels },
  connectionId: string,
  sealed: SealedRecipient,
  signal: AbortSignal,
): Promise<OpenedRecipient> {
  const { connector, call, stored } = await deps.channels.open(connectionId, signal)
  const open = connector.decryptRecipient
  if (!open) throw new DomainError('recipient-not-sealed', `${connector.manifest.title.en} opens no recipients.`)
  const perDay = perDayOf(connector.manifest.capabilities.decryptRecipient, call.config)
  if (perDay === 0) return open(call, sealed)
  const [key, rate] = [`${stored.channel}/decrypt/${connectionId}`, { calls: perDay, perSeconds: DAY_SECONDS }]
  const waitMs = await tryTake(deps.pool, key, 1, rate)
  if (waitMs > 0) {
    throw new DomainError('decrypt-quota-spent', `The channel opens ${perDay} recipients a day; they are used up for now.`, {
      per_day: perDay,
      retry_after_seconds: Math.ceil(waitMs / 1000),
    })
  }
  try {
    return await open(call, sealed)
  } catch (error) {
    // Nobody was asked: what was counted is given back.
    if (error instanceof ChannelError && error.fault.code === NOTHING_SEALED) await tryTake(deps.pool, key, -1, rate)
    throw error
  }
}

/** How many the channel opens a day; 0 where nobody counts but the channel. */
function perDayOf(capability: Capabilities['decryptRecipient'], config: unknown): number {
  const set = capability?.perDaySetting === undefined ? undefined : textField(config, capability.perDaySetting)
  return Number(set ?? capability?.perDay ?? 0)
}
