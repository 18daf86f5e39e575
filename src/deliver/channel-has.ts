import { PICKUP } from '../core/carriers.ts'
import type { ChannelShipment } from '../core/order.ts'
import type { CollectedLine } from '../store/deliver/claim-effects.ts'

/** What a channel is asked about: one of our packages. `collected` names what all hand-overs told so far hold, this one included. */
export interface ToldPackage {
  readonly carrier: string | null
  readonly tracking_no: string | null
  readonly collected: readonly CollectedLine[] | null
}

/** Tracking numbers are compared without spaces and case: channels reformat them. */
const folded = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()

/**
 * True when the channel shows this package as shipped; one it only prepared (a write cut in half) still has to be sent. A
 * hand-over to the buyer has no number: it is there when the packages without a number hold at least what was handed over so
 * far, line by line. A channel that names no lines of such a package speaks of the whole order.
 */
export function channelHas(shipments: readonly ChannelShipment[], parcel: ToldPackage): boolean {
  const live = shipments.filter((shipment) => shipment.state === 'shipped' || shipment.state === 'delivered')
  if (parcel.carrier !== PICKUP) {
    const wanted = folded(parcel.tracking_no ?? '')
    return live.some((shipment) => shipment.trackingNo !== undefined && folded(shipment.trackingNo) === wanted)
  }
  const silent = live.filter((shipment) => (shipment.trackingNo ?? '') === '')
  if (silent.some((shipment) => shipment.lines.length === 0)) return true
  const shown = new Map<string, number>()
  for (const { channelLineNo, quantity } of silent.flatMap((shipment) => shipment.lines))
    shown.set(channelLineNo, (shown.get(channelLineNo) ?? 0) + Number(quantity))
  const wanted = parcel.collected ?? []
  return wanted.length > 0 && wanted.every((line) => (shown.get(line.channel_line_no) ?? 0) >= Number(line.quantity))
}
