import type { Offer, OrderBody } from '../../api/entry.ts'
import { decimalOf, grossOf, isAmount, isPrice, isQuantity, tidy, valueOf } from './amounts.ts'

export const partyFields = ['name', 'phone', 'email', 'company', 'province', 'city', 'district', 'address', 'postcode', 'country'] as const
export type PartyField = (typeof partyFields)[number]
export const payments = ['pending', 'paid', 'partially_paid', 'on_delivery'] as const
export type PaymentChoice = (typeof payments)[number]
export const types = ['normal', 'b2b', 'pickup', 'sample', 'gift', 'resend'] as const
export type OrderType = (typeof types)[number]

export interface LineDraft {
  readonly key: number
  /** As typed; an offer once it is one of ours. */
  readonly text: string
  readonly offer: Offer | undefined
  readonly quantity: string
  readonly price: string
  readonly discount: string
}

export interface Draft {
  readonly number: string
  readonly placedAt: string
  readonly type: OrderType
  readonly party: Readonly<Record<PartyField, string>>
  readonly lines: readonly LineDraft[]
  readonly shipping: string
  readonly discount: string
  readonly payment: PaymentChoice
  readonly paid: string
  readonly method: string
  readonly reference: string
  readonly buyerNote: string
  readonly sellerNote: string
}

export const emptyLine = (key: number): LineDraft => ({ key, text: '', offer: undefined, quantity: '1', price: '', discount: '' })

const LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** A number nobody else will draw today: the day and six letters that are not mistaken for each other on the phone. */
export const drawNumber = (now: Date, random: Uint8Array): string =>
  `P${now.toISOString().slice(0, 10).replaceAll('-', '')}-${[...random].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`

/** A form that was just opened. Its number and time stay as they are however often it is saved: it is one order. */
export const newDraft = (now = new Date()): Draft => ({
  number: drawNumber(now, crypto.getRandomValues(new Uint8Array(6))),
  placedAt: now.toISOString(),
  type: 'normal',
  party: { name: '', phone: '', email: '', company: '', province: '', city: '', district: '', address: '', postcode: '', country: '' },
  lines: [emptyLine(1)],
  shipping: '',
  discount: '',
  payment: 'pending',
  paid: '',
  method: '',
  reference: '',
  buyerNote: '',
  sellerNote: '',
})

/** Lines somebody began to fill in; an empty last one is only an invitation. */
export const usedLines = (draft: Draft): readonly LineDraft[] =>
  draft.lines.filter((line) => line.text.trim() !== '' || line.price !== '' || line.discount !== '')

export interface Sums {
  readonly lines: ReadonlyMap<number, bigint>
  readonly goods: bigint
  readonly total: bigint
}

/** What the lines and the whole come to, in millionths. */
export const sumsOf = (draft: Draft, currency: string): Sums => {
  const lines = new Map(usedLines(draft).map((line) => [line.key, grossOf(line.quantity, line.price, currency) - valueOf(line.discount)]))
  const goods = [...lines.values()].reduce((sum, each) => sum + each, 0n)
  return { lines, goods, total: goods - valueOf(draft.discount) + valueOf(draft.shipping) }
}

/** What is wrong where: `line.<key>.quantity` → the word for it. */
export type Errors = Readonly<Record<string, string>>

export const errorsOf = (draft: Draft, currency: string): Errors => ({
  ...numberErrors(draft),
  ...partyErrors(draft),
  ...lineErrors(draft, currency),
  ...moneyErrors(draft, currency),
})

const only = (errors: Readonly<Record<string, string | undefined>>): Errors =>
  Object.fromEntries(Object.entries(errors).filter((entry): entry is [string, string] => entry[1] !== undefined))

const numberErrors = ({ number }: Draft): Errors =>
  only({ number: number.trim() === '' ? 'required' : /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u.test(number.trim()) ? undefined : 'number' })

/** Goods that are sent need somebody to send them to; an order without it would only be held. */
const partyErrors = ({ party, type }: Draft): Errors => {
  const sent = type !== 'pickup'
  const need = (field: PartyField): string | undefined => (sent && party[field].trim() === '' ? 'required' : undefined)
  const phone = party.phone.normalize('NFKC').trim()
  return only({
    name: need('name'),
    address: need('address'),
    city: sent && party.city.trim() + party.province.trim() + party.postcode.trim() === '' ? 'required' : undefined,
    phone: phone === '' || /^\+?[\d\s()/-]{5,30}$/.test(phone) ? undefined : 'phone',
    email: party.email.trim() === '' || /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(party.email.trim()) ? undefined : 'email',
    country: party.country.trim() === '' || /^[A-Za-z]{2}$/.test(party.country.trim()) ? undefined : 'country',
  })
}

const lineErrors = (draft: Draft, currency: string): Errors => {
  const lines = usedLines(draft)
  if (lines.length === 0) return { lines: 'lines' }
  return Object.assign(
    {},
    ...lines.map((line) => {
      const gross = grossOf(line.quantity, line.price, currency)
      return only({
        [`line.${line.key}.sku`]: line.offer === undefined ? 'sku' : undefined,
        [`line.${line.key}.quantity`]: isQuantity(line.quantity) ? undefined : 'quantity',
        [`line.${line.key}.price`]: line.price.trim() === '' ? 'required' : isPrice(line.price) ? undefined : 'amount',
        [`line.${line.key}.discount`]:
          line.discount.trim() === ''
            ? undefined
            : !isAmount(line.discount, currency)
              ? 'amount'
              : valueOf(line.discount) > gross
                ? 'discount'
                : undefined,
      })
    }),
  )
}

const moneyErrors = (draft: Draft, currency: string): Errors => {
  const amount = (text: string): string | undefined => (text.trim() === '' || isAmount(text, currency) ? undefined : 'amount')
  const { goods, total } = sumsOf(draft, currency)
  return only({
    shipping: amount(draft.shipping),
    discount: amount(draft.discount) ?? (valueOf(draft.discount) > goods && goods >= 0n && draft.discount.trim() !== '' ? 'discount' : undefined),
    paid:
      draft.payment !== 'partially_paid'
        ? undefined
        : draft.paid.trim() === ''
          ? 'required'
          : (amount(draft.paid) ?? (valueOf(draft.paid) > total ? 'paid' : undefined)),
  })
}

const filled = (fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, text]) =>
      text.trim() === '' ? [] : [[name, name === 'country' ? text.trim().toUpperCase() : text.trim()]],
    ),
  )

/** The form as the push API takes it. The total goes with it, so that both sides agree on what was read out on the phone. */
export const bodyOf = (draft: Draft, currency: string): OrderBody => {
  const party = filled(draft.party)
  const isOnDelivery = draft.payment === 'on_delivery'
  return {
    number: draft.number.trim(),
    placed_at: draft.placedAt,
    currency,
    type: draft.type,
    lines: usedLines(draft).map((line) => ({
      id: String(line.key),
      sku: line.offer?.sku ?? line.text.trim(),
      ...(line.offer !== undefined && line.offer.title.trim() !== '' && { name: line.offer.title.slice(0, 300) }),
      quantity: tidy(line.quantity),
      unit_price: tidy(line.price),
      ...(valueOf(line.discount) > 0n && { discount: tidy(line.discount) }),
    })),
    ...(valueOf(draft.shipping) > 0n && { shipping: tidy(draft.shipping) }),
    ...(valueOf(draft.discount) > 0n && { discounts: [{ amount: tidy(draft.discount) }] }),
    total: decimalOf(sumsOf(draft, currency).total, currency),
    payment: {
      status: isOnDelivery ? 'pending' : draft.payment,
      ...(isOnDelivery && { on_delivery: true }),
      ...(draft.payment === 'partially_paid' && { paid: tidy(draft.paid) }),
      ...filled({ method: draft.method, reference: draft.reference }),
    },
    ...(Object.keys(party).length > 0 && { recipient: party }),
    ...filled({ buyer_note: draft.buyerNote, seller_note: draft.sellerNote }),
  }
}
