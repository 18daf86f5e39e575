import type { Order, Party } from '../../src/core/order.ts'
import { optionalText } from '../parts/read.ts'

/** Ciphertext is base64 of no less than a key's number and a block; no name or address is written that way. */
const CIPHER = /^[A-Za-z0-9+/]{40,}={0,2}$/

/**
 * Recipients of `enSearch`/`enGet`: name and street (and numbers, unless they are masked) as ciphertext of the channel's
 * own key service, which is passed on as it is; town and above in clear. `desen_*` are search values, not numbers.
 */
export function recipientOf(doc: unknown): Pick<Order, 'piiMode' | 'recipient' | 'buyerRef'> {
  const part = (name: string): string | undefined => optionalText(doc, `/consigneeInfo/${name}`)
  const [name, phone] = [part('fullname'), part('mobile') ?? part('telephone')]
  const address = [part('town'), part('fullAddress')].filter((line) => line !== undefined).join('\n')
  const values: Readonly<Record<string, string | undefined>> = {
    name,
    phone,
    country: part('province') === undefined ? undefined : 'CN',
    province: part('province'),
    city: part('city'),
    district: part('county'),
    address: address === '' ? undefined : address,
    channelId: part('oaid'),
  }
  const recipient: Party = Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
  const personal = [name, phone, part('fullAddress')].flatMap((value) => value ?? [])
  const buyer = optionalText(doc, '/open_id_buyer')
  return {
    piiMode: modeOf(personal, recipient.channelId),
    ...(personal.length === 0 && recipient.channelId === undefined ? {} : { recipient }),
    ...(buyer === undefined ? {} : { buyerRef: buyer }),
  }
}

function modeOf(personal: readonly string[], oaid: string | undefined): Order['piiMode'] {
  if (personal.length === 0) return oaid === undefined ? 'plain' : 'token'
  if (personal.some((value) => CIPHER.test(value))) return 'cipher'
  return personal.some((value) => value.includes('*')) ? 'mask' : 'plain'
}
