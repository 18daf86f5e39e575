import type { Party } from '../core/order.ts'

/** Masked party as it may be shown without a purpose: enough to recognise, not enough to reach. */
export interface MaskedParty {
  readonly name?: string
  readonly phone?: string
  readonly email?: string
  readonly country?: string
  readonly province?: string
  readonly city?: string
  readonly district?: string
  readonly address?: string
  readonly postcode?: string
}

const maskName = (name: string): string => `${[...name.trim()][0] ?? ''}**`

/** 138****5678: the last four digits stay, support searches by them. */
export function maskPhone(phone: string): string {
  const trimmed = phone.trim()
  return trimmed.length <= 4 ? '****' : `${trimmed.length >= 11 ? trimmed.slice(0, 3) : ''}****${trimmed.slice(-4)}`
}

function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return at < 1 ? '***' : `${email.slice(0, 1)}***${email.slice(at)}`
}

export function maskParty(party: Party): MaskedParty {
  return {
    ...(party.name && { name: maskName(party.name) }),
    ...(party.phone && { phone: maskPhone(party.phone) }),
    ...(party.email && { email: maskEmail(party.email) }),
    ...(party.country && { country: party.country }),
    ...(party.province && { province: party.province }),
    ...(party.city && { city: party.city }),
    ...(party.district && { district: party.district }),
    ...(party.address && { address: '***' }),
    ...(party.postcode && { postcode: `${party.postcode.slice(0, 2)}***` }),
  }
}

/** Digits only, last eleven: how phones are compared across channels. */
export const phoneDigits = (phone: string): string => phone.replace(/\D/g, '').slice(-11)
