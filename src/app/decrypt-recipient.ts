import type pg from 'pg'
import type { Channels } from '../activities/connection-call.ts'
import type { OpenedRecipient, SealedRecipient } from '../core/connector.ts'
import { DomainError } from '../core/fault.ts'
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
  const perDay = connector.manifest.capabilities.decryptRecipient?.perDay
  if (perDay !== undefined) {
    const rate = { calls: perDay, perSeconds: DAY_SECONDS }
    const waitMs = await tryTake(deps.pool, `${stored.channel}/decrypt/${connectionId}`, 1, rate)
    if (waitMs > 0) {
      throw new DomainError('decrypt-quota-spent', `The channel opens ${perDay} recipients a day; they are used up for now.`, {
        retry_after_seconds: Math.ceil(waitMs / 1000),
      })
    }
  }
  return open(call, sealed)
}
