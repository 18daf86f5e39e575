import type { ChannelShipment, OrderLine } from '../../src/core/order.ts'
import { time } from '../parts/cny.ts'
import { list, optionalText } from '../parts/read.ts'
import type { State } from './state.ts'

/** The order's own number stands for all its goods; numbers of further packages, gifts and resent goods come without lines. */
export function shipmentsOf(doc: unknown, state: State, lines: readonly OrderLine[]): readonly ChannelShipment[] {
  const at = time(doc, '/shipping_time')
  const more = ['/extra_delivery_list', '/gift_delivery_list', '/resend_delivery_list'].flatMap((pointer) => list(doc, pointer))
  const seen = new Set<string>()
  return [{ value: doc }, ...more].flatMap(({ value }, i): readonly ChannelShipment[] => {
    const [trackingNo, carrier] = [optionalText(value, '/tracking_number'), optionalText(value, '/logistics_id')]
    if (trackingNo === undefined || seen.has(trackingNo)) return []
    seen.add(trackingNo)
    return [
      {
        channelShipmentNo: trackingNo,
        ...(carrier === undefined || carrier === '0' ? {} : { carrier }),
        trackingNo,
        state: state.fulfilment === 'delivered' ? 'delivered' : 'shipped',
        ...(at === undefined ? {} : { at }),
        lines: i > 0 ? [] : lines.map(({ channelLineNo, quantity }) => ({ channelLineNo, quantity })),
      },
    ]
  })
}
