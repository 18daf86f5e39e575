import type { Order, Party } from '../../src/core/order.ts'
import { at, list, optionalText, text } from '../parts/read.ts'

/** Where TikTok ships, parts of name, telephone and address are stars; elsewhere they are readable. */
export function recipientOf(doc: unknown): Pick<Order, 'piiMode' | 'recipient' | 'buyerRef'> {
  const address = at(doc, '/recipient_address')
  const buyer = optionalText(doc, '/user_id')
  const of = (name: string): string | undefined => optionalText(address, `/${name}`)
  const streets = [1, 2, 3, 4].flatMap((n) => of(`address_line${n}`) ?? of(`address_line_${n}`) ?? [])
  const district = districtsOf(address)
  const values: Record<keyof Omit<Party, 'company' | 'channelId'>, string | undefined> = {
    name: of('name') ?? ([of('first_name'), of('last_name')].flatMap((part) => part ?? []).join(' ') || undefined),
    phone: of('phone_number'),
    email: optionalText(doc, '/buyer_email'),
    country: of('region_code'),
    province: district(/^(?:state|province|region|prefecture)/i, 'L1'),
    city: district(/city|municipality|kota|kabupaten/i, 'L2') ?? of('post_town'),
    district: district(/^(?:(?:sub-?)?district|town|ward|county|kecamatan|barangay)/i, 'L3'),
    address: (streets.length > 0 ? streets.join('\n') : undefined) ?? of('address_detail') ?? of('full_address'),
    postcode: of('postal_code'),
  }
  const recipient: Party = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  const isMasked = [values.name, values.phone, values.address].some((value) => value?.includes('*'))
  return {
    piiMode: isMasked ? 'mask' : 'plain',
    ...(Object.keys(recipient).length === 0 ? {} : { recipient }),
    ...(buyer === undefined ? {} : { buyerRef: buyer }),
  }
}

/** By what the market calls the level, and else by its depth: L0 is the country. */
function districtsOf(address: unknown): (called: RegExp, level: string) => string | undefined {
  const all = list(address, '/district_info').map(({ value }) => ({
    called: text(value, '/address_level_name').trim(),
    level: text(value, '/address_level').trim(),
    name: optionalText(value, '/address_name'),
  }))
  return (called, level) => (all.find((each) => called.test(each.called)) ?? all.find((each) => each.level === level && each.called === ''))?.name
}
