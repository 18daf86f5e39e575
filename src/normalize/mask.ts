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

/** The first character, which may be two units long. */
function maskName(name: string): string {
  const first = name.trim().codePointAt(0)
  return `${first === undefined ? '' : String.fromCodePoint(first)}**`
}

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
  const masked: { -readonly [Name in keyof MaskedParty]: MaskedParty[Name] } = {}
  if (party.name) masked.name = maskName(party.name)
  if (party.phone) masked.phone = maskPhone(party.phone)
  if (party.email) masked.email = maskEmail(party.email)
  if (party.country) masked.country = party.country
  if (party.province) masked.province = party.province
  if (party.city) masked.city = party.city
  if (party.district) masked.district = party.district
  if (party.address) masked.address = '***'
  if (party.postcode) masked.postcode = `${party.postcode.slice(0, 2)}***`
  return masked
}

/** Digits only, last eleven: how phones are compared across channels. */
export const phoneDigits = (phone: string): string => phone.replace(/\D/g, '').slice(-11)
