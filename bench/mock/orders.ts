/**
 * Invented orders of a storefront, about 3.6 KB of JSON with three lines each. Order i is always the same text for the
 * same revision. A few thousand are drawn once; the others are these with numbers of their own put in, so that serving a
 * million orders costs next to nothing beside the program that reads them.
 */
const VARIANTS = 4096
const BASE = Date.UTC(2024, 0, 1)
/** Order i was placed i seconds after the first. */
const SPACING_MS = 1000
const GIVEN = ['Ana', 'Bo', 'Chen', 'Dee', 'Eli', 'Fay', 'Gus', 'Hui', 'Ivy', 'Jun', 'Kai', 'Lin', 'Mei', 'Ned', 'Ora', 'Pan']
const FAMILY = ['Ames', 'Brook', 'Cao', 'Diaz', 'Eng', 'Fox', 'Guo', 'Hart', 'Ito', 'Jia', 'Kerr', 'Luo', 'Moss', 'Ng', 'Ode', 'Park']
const PLACES = [
  ['Springfield', 'IL', '62701'],
  ['Portland', 'OR', '97201'],
  ['Austin', 'TX', '73301'],
  ['Denver', 'CO', '80014'],
  ['Salem', 'MA', '01970'],
] as const

export const FIRST_ID = 5_100_000_000

/** ISO text to the second, as storefronts write it. */
export const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`
export const placedAt = (index: number): string => seconds(BASE + index * SPACING_MS)

/** A small generator with a seed: the same numbers on every machine. */
function drawn(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % below
  }
}

const pick = <T>(list: readonly T[], draw: (below: number) => number): T => {
  const one = list[draw(list.length)]
  if (one === undefined) throw new Error('Nothing to pick from.')
  return one
}

const cents = (amount: number): string => (amount / 100).toFixed(2)
const both = (amount: string): object => ({
  shop_money: { amount, currency_code: 'USD' },
  presentment_money: { amount, currency_code: 'USD' },
})

/** What differs between two orders of one variant, as marks that the text is cut at. */
const MARKS = { id: 770_770_770_770, number: 770_770_771, placed: '@placed@', updated: '@updated@' } as const
const CUT = /(770770770770|770770771|@placed@|@updated@)/

function lineOf(position: number, shipped: boolean, draw: (below: number) => number): { readonly amount: number; readonly line: object } {
  const good = draw(10_000)
  const quantity = 1 + draw(3)
  const unit = 500 + draw(9500)
  const price = cents(unit)
  const line = {
    id: Number(`${MARKS.id}${position}`),
    variant_id: 40_000_000_000 + good,
    product_id: 7_000_000_000 + (good >> 2),
    title: `Invented product ${good >> 2}`,
    variant_title: `Size ${good % 4}`,
    sku: `SKU-${String(good).padStart(5, '0')}`,
    vendor: 'Invented Goods',
    quantity,
    price,
    price_set: both(price),
    total_discount: '0.00',
    fulfillable_quantity: shipped ? 0 : quantity,
    fulfillment_status: shipped ? 'fulfilled' : null,
    fulfillment_service: 'manual',
    grams: 250,
    requires_shipping: true,
    taxable: true,
    gift_card: false,
    tax_lines: [{ title: 'State Tax', price: cents(Math.round(unit * quantity * 0.06)), rate: 0.06 }],
    properties: [],
  }
  return { amount: unit * quantity, line }
}

function address(draw: (below: number) => number): { readonly name: string; readonly first_name: string; readonly last_name: string } {
  const [first_name, last_name, [city, province, zip]] = [pick(GIVEN, draw), pick(FAMILY, draw), pick(PLACES, draw)]
  return {
    first_name,
    last_name,
    name: `${first_name} ${last_name}`,
    ...{ company: null, address1: `${1 + draw(9999)} Example Street`, address2: null, city, province, province_code: province, zip },
    ...{ country: 'United States', country_code: 'US', phone: `+1555${1_000_000 + draw(8_999_999)}` },
  }
}

function variantText(variant: number, revision: number): string {
  const draw = drawn(variant + 1)
  const shipped = revision > 0
  const to = address(draw)
  const lines = [0, 1, 2].map((position) => lineOf(position, shipped, draw))
  const subtotal = lines.reduce((sum, { amount }) => sum + amount, 0)
  const tax = Math.round(subtotal * 0.06)
  const total = cents(subtotal + tax + 599)
  const { id, number, placed, updated } = MARKS
  const email = `buyer${number}@example.test`
  return JSON.stringify({
    ...{ id, admin_graphql_api_id: `gid://shopify/Order/${id}`, name: `#${number}`, order_number: number, email, phone: null },
    ...{ created_at: placed, updated_at: updated, processed_at: placed, cancelled_at: null, cancel_reason: null, closed_at: null },
    ...{ currency: 'USD', presentment_currency: 'USD', financial_status: 'paid', fulfillment_status: shipped ? 'fulfilled' : null },
    ...{ subtotal_price: cents(subtotal), total_tax: cents(tax), total_discounts: '0.00', total_price: total, total_price_set: both(total) },
    ...{ total_line_items_price: cents(subtotal), total_weight: 750, taxes_included: false, test: false },
    ...{ token: `t${draw(1e9)}${id}`, source_name: 'web', tags: '', note: shipped ? `revision ${revision}` : null, note_attributes: [] },
    payment_gateway_names: ['shopify_payments'],
    customer: { id: 3_000_000_000 + draw(5000), email, first_name: to.first_name, last_name: to.last_name, state: 'enabled', currency: 'USD' },
    billing_address: to,
    shipping_address: to,
    line_items: lines.map(({ line }) => line),
    shipping_lines: [{ id: Number(`${id}9`), title: 'Standard', code: 'STD', price: '5.99', source: 'shopify', tax_lines: [] }],
    tax_lines: [{ title: 'State Tax', price: cents(tax), rate: 0.06 }],
    discount_codes: [],
    refunds: [],
    fulfillments: shipped
      ? [{ id: Number(`${id}8`), status: 'success', tracking_company: 'UPS', tracking_number: `1Z${id}`, created_at: updated, updated_at: updated }]
      : [],
  })
}

const cuts = new Map<number, readonly string[]>()

function cutOf(variant: number, revision: number): readonly string[] {
  if (revision > 0) return variantText(variant, revision).split(CUT)
  const known = cuts.get(variant)
  if (known) return known
  const made = variantText(variant, 0).split(CUT)
  cuts.set(variant, made)
  return made
}

export interface OrderState {
  readonly index: number
  readonly revision: number
  readonly updatedAt: string
}

/** The order as JSON text. */
export function orderText({ index, revision, updatedAt }: OrderState): string {
  const values: Readonly<Record<string, string>> = {
    [String(MARKS.id)]: String(FIRST_ID + index),
    [String(MARKS.number)]: String(1000 + index),
    [MARKS.placed]: placedAt(index),
    [MARKS.updated]: updatedAt,
  }
  return cutOf(index % VARIANTS, revision)
    .map((part, at) => (at % 2 === 1 ? (values[part] ?? part) : part))
    .join('')
}
