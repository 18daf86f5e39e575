import type { Order, Party } from '../../src/core/order.ts'
import { optionalText } from '../parts/read.ts'
import type { State } from './state.ts'

/** Encrypted values stand between marks: names and addresses between "~", numbers between "$", others behind "#". */
const CIPHER = /^~.+~$|^\$.+\$$|^#.{16,}/u

/**
 * Recipients come encrypted while the order waits for sending, and not at all or masked before a review is over and once it is
 * sent. Waybills are printed with the encrypted values; `open_address_id` tells which orders go to the same door.
 */
export function recipientOf(doc: unknown, state: State): Pick<Order, 'piiMode' | 'recipient'> {
  const either = (name: string): string | undefined => optionalText(doc, `/${name}`) ?? optionalText(doc, `/${name}_mask`)
  // Of some orders the number only stands in a field of its own.
  const phone = optionalText(doc, '/receiver_phone') ?? optionalText(doc, '/contact_mobile') ?? either('receiver_phone')
  const [name, street] = [either('receiver_name'), either('receiver_address')]
  const door = optionalText(doc, '/open_address_id_2') ?? optionalText(doc, '/open_address_id')
  const province = optionalText(doc, '/province')
  const values: Record<string, string | undefined> = {
    name,
    phone,
    country: province === undefined ? undefined : 'CN',
    province,
    city: optionalText(doc, '/city'),
    district: optionalText(doc, '/town'),
    address: street,
    channelId: door,
  }
  const recipient: Party = Object.fromEntries(Object.entries(values).flatMap(([field, value]) => (value === undefined ? [] : [[field, value]])))
  const personal = [name, phone, street].flatMap((value) => value ?? [])
  return {
    piiMode: modeOf(personal, { door, isHidden: state.sent || state.heldBack !== undefined || state.closed }),
    ...(Object.keys(recipient).length === 0 ? {} : { recipient }),
  }
}

function modeOf(personal: readonly string[], known: { readonly door: string | undefined; readonly isHidden: boolean }): Order['piiMode'] {
  if (personal.some((value) => CIPHER.test(value))) return 'cipher'
  if (personal.some((value) => value.includes('*'))) return 'mask'
  if (personal.length > 0) return 'plain'
  return known.door === undefined ? (known.isHidden ? 'mask' : 'plain') : 'token'
}
