import type { MapContext } from '../../src/core/mapping.ts'
import type { Order, Party } from '../../src/core/order.ts'
import { optionalText } from '../parts/read.ts'

/**
 * Name, telephone and the end of the address come encrypted (`encrypt_…`, what a waybill is printed with) and masked (`mask_…`, what
 * a person can read); the connection says which of them the order keeps. The buyer is the open id of the account.
 */
export function recipientOf(doc: unknown, context: MapContext): Pick<Order, 'piiMode' | 'recipient' | 'buyerRef'> {
  const cipher = read(doc, ['/encrypt_post_receiver', '/encrypt_post_tel', '/post_addr/encrypt_detail'])
  const mask = read(doc, ['/mask_post_receiver', '/mask_post_tel', '/mask_post_addr/detail'])
  const plain = read(doc, ['/post_receiver', '/post_tel', '/post_addr/detail'])
  const wanted = context.config['recipients'] === 'mask' ? [mask, cipher] : [cipher, mask]
  const kept = [...wanted, plain].find((each) => each.length > 0)
  const buyer = optionalText(doc, '/doudian_open_id')
  return {
    piiMode: kept === undefined || kept === plain ? plainOrMask(plain) : kept === cipher ? 'cipher' : 'mask',
    ...(kept === undefined ? {} : { recipient: partyOf(doc, kept) }),
    ...(buyer === undefined ? {} : { buyerRef: buyer }),
  }
}

type Personal = readonly (readonly ['name' | 'phone' | 'address', string])[]

function read(doc: unknown, [name, phone, address]: readonly [string, string, string]): Personal {
  const found = [
    ['name', optionalText(doc, name)],
    ['phone', optionalText(doc, phone)],
    ['address', optionalText(doc, address)],
  ] as const
  return found.flatMap(([what, value]) => (value === undefined ? [] : [[what, value] as const]))
}

const plainOrMask = (plain: Personal): Order['piiMode'] => (plain.some(([, value]) => value.includes('*')) ? 'mask' : 'plain')

function partyOf(doc: unknown, personal: Personal): Party {
  const given = Object.fromEntries(personal)
  const street = [optionalText(doc, '/post_addr/street/name'), given['address']].filter((part) => part !== undefined).join('\n')
  const values: Record<string, string | undefined> = {
    name: given['name'],
    phone: given['phone'],
    country: 'CN',
    province: optionalText(doc, '/post_addr/province/name'),
    city: optionalText(doc, '/post_addr/city/name'),
    district: optionalText(doc, '/post_addr/town/name'),
    address: street === '' ? undefined : street,
  }
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
