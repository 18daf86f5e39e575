import type { MapContext } from '../../src/core/mapping.ts'
import type { Order, Party } from '../../src/core/order.ts'
import { optionalText } from '../parts/read.ts'

/** What was found from the coordinates stands behind the buyer's own words where the app has subscribed to it. */
const BEHIND = '@#'
const PLACE = /^(?<province>[^\s省市]{1,10}(?:省|自治区))?(?<city>[^\s市州盟]{1,12}(?:市|自治州|盟))(?<district>[^\s区县市]{1,12}(?:区|县|市))?/u

/**
 * Name and address as the buyer typed them. The phone number is the buyer's own, a number of the channel's with an extension
 * ("13812345678_123456"), which can be called while the order lasts, or masked. An address within the city does not name it.
 */
export function recipientOf(doc: unknown, context: MapContext): Pick<Order, 'piiMode' | 'recipient'> {
  const [own = '', found = ''] = (optionalText(doc, '/recipient_address') ?? '').split(BEHIND)
  const place = PLACE.exec(found.trim())?.groups ?? {}
  const phone = optionalText(doc, '/recipient_phone')
  const city: unknown = context.config['city']
  const values: Readonly<Record<string, string | undefined>> = {
    name: optionalText(doc, '/recipient_name'),
    phone,
    country: 'CN',
    province: place['province'],
    city: place['city'] ?? (typeof city === 'string' && city !== '' ? city : undefined),
    district: place['district'],
    address: own.trim() === '' ? undefined : own.trim(),
  }
  const recipient: Party = Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
  const hasPerson = values['name'] !== undefined || phone !== undefined || values['address'] !== undefined
  return { piiMode: phone?.includes('*') === true ? 'mask' : 'plain', ...(hasPerson ? { recipient } : {}) }
}
