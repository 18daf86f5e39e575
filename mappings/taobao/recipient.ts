import type { Order, Party } from '../../src/core/order.ts'
import { optionalText } from '../parts/read.ts'

/** Encrypted values stand between the channel's marks: names and addresses between "~", numbers between "$". */
const CIPHER = /^([~$])[^~$]{8,}\1.*\1?$|^~.+~$|^\$.+\$$/u

/**
 * The channel shows recipients masked, beside an id (oaid) that stands for them in its own waybill and decryption calls.
 * The id differs by shop, app and calendar week: it never tells who a buyer is, so the buyer is `buyer_open_uid`.
 */
export function recipientOf(doc: unknown): Pick<Order, 'piiMode' | 'recipient' | 'buyerRef'> {
  const oaid = optionalText(doc, '/oaid')
  const phone = optionalText(doc, '/receiver_mobile') ?? optionalText(doc, '/receiver_phone')
  const [province, district] = [optionalText(doc, '/receiver_state'), optionalText(doc, '/receiver_district')]
  const street = [optionalText(doc, '/receiver_town'), optionalText(doc, '/receiver_address')].filter((part) => part !== undefined).join('\n')
  const values: Record<string, string | undefined> = {
    name: optionalText(doc, '/receiver_name'),
    phone,
    country: optionalText(doc, '/receiver_country') === undefined || province !== undefined ? 'CN' : undefined,
    province,
    // A county that is a city of its own is sent as a district without a city.
    city: optionalText(doc, '/receiver_city') ?? district,
    district,
    address: street === '' ? undefined : street,
    postcode: optionalText(doc, '/receiver_zip'),
    channelId: oaid,
  }
  const recipient: Party = Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  const personal = [values['name'], phone, values['address']].flatMap((value) => value ?? [])
  const buyer = optionalText(doc, '/buyer_open_uid')
  return {
    piiMode: modeOf(personal, oaid),
    ...(personal.length === 0 && oaid === undefined ? {} : { recipient }),
    ...(buyer === undefined ? {} : { buyerRef: buyer }),
  }
}

function modeOf(personal: readonly string[], oaid: string | undefined): Order['piiMode'] {
  if (personal.length === 0) return oaid === undefined ? 'plain' : 'token'
  if (personal.some((value) => CIPHER.test(value))) return 'cipher'
  return oaid !== undefined || personal.some((value) => value.includes('*')) ? 'mask' : 'plain'
}
