import type pg from 'pg'
import { findCarrier, trackingUrl } from '../core/carriers.ts'
import { DomainError } from '../core/fault.ts'
import { withTx } from '../store/db.ts'
import { correctParcel, lockEffect, moveEffect, parcelOf } from '../store/deliver/edit-effects.ts'
import { bumpOrder } from '../store/deliver/insert-shipment.ts'
import { resolveFailures } from '../store/deliver/open-failure.ts'
import { finish } from '../store/finish.ts'

interface Correction {
  readonly pool: pg.Pool
  readonly effectId: number
  /** Code or name in either language; unchanged where absent. */
  readonly carrier?: string
  readonly carrierName?: string
  readonly trackingNo?: string
  readonly reason: string
  readonly actor: string
  readonly now: Date
}

/**
 * Corrects carrier or number of a package its channel refused, and has it told again. Consumers see the correction as a
 * new version of the order.
 * @throws DomainError `effect-unknown`, `effect-not-correctable`, `carrier-unknown`, `carrier-name-required`
 */
export async function correctShipment(given: Correction): Promise<void> {
  await withTx(given.pool, async (client) => {
    const effect = await lockEffect(client, given.effectId)
    const parcel = await parcelOf(client, given.effectId)
    if (!effect) throw new DomainError('effect-unknown', `There is no effect ${given.effectId}.`)
    if (!parcel || effect.state !== 'refused')
      throw new DomainError('effect-not-correctable', 'Only a package the channel refused can be corrected.', { state: effect.state })
    const carrier = findCarrier(given.carrier ?? parcel.carrier, given.carrierName ?? parcel.carrier_name)
    const trackingNo = (given.trackingNo ?? parcel.tracking_no).normalize('NFKC').trim()
    const order = await correctParcel(client, given.effectId, {
      carrier: carrier.code,
      carrierName: carrier.name,
      trackingNo,
      trackingUrl: trackingUrl(carrier, trackingNo),
    })
    if (!order) throw new DomainError('effect-not-correctable', 'Only a package the channel refused can be corrected.', { state: effect.state })
    await moveEffect(client, given.effectId, 'pending', given)
    await resolveFailures(client, 'effect', [String(given.effectId)], given.now)
    const version = await bumpOrder(client, order.order_id, { sync: 'writeback_pending' }, given.now)
    await finish(client, [
      { kind: 'order', orderId: order.order_id, version, connectionId: order.connection_id, cause: 'shipment', sandbox: order.sandbox },
    ])
  })
}
