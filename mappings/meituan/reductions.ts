import { MappingError } from '../../src/core/fault.ts'
import { allocate } from '../../src/core/money.ts'
import type { Discount, Funder } from '../../src/core/order.ts'
import { amount, fen } from '../parts/cny.ts'
import { list, optionalText, requiredText } from '../parts/read.ts'
import type { Item } from './lines.ts'
import { nested, sum } from './read.ts'

/** Activities that make the delivery cheaper; 9 is a coupon, which says itself what it is for. */
const OF_DELIVERY: ReadonlySet<string> = new Set('16,21,25,30,36,44,48,54,59,105,106,111,300,302,304,316,323,325,327'.split(','))
/** Activities that make boxes and bags cheaper. */
const OF_PACKAGING: ReadonlySet<string> = new Set(['53', '57', '58', '322'])
const COUPONS: ReadonlySet<string> = new Set([
  '3',
  '9',
  '15',
  '19',
  '42',
  '84',
  '100',
  '101',
  '103',
  '105',
  '106',
  '111',
  '115',
  '117',
  '118',
  '124',
  '127',
  '304',
])
/** Of one product: where `price` is the price after them, they are in it already. */
const OF_PRODUCTS: ReadonlySet<string> = new Set('7,17,20,31,32,33,34,35,41,43,55,56,61,64,65,66,201,202,313,324'.split(','))

interface Activity {
  readonly type: string
  readonly title: string | undefined
  readonly code: string | undefined
  readonly minor: number
  readonly byChannel: number
  readonly bySeller: number
}

export interface Reductions {
  readonly discounts: readonly Discount[]
  /** Off each line, in fen. */
  readonly off: readonly number[]
  readonly shippingMinor: number
  readonly packagingMinor: number
}

/** What stands in `extras`; `reduce_fee` is what the buyer was let off, gifts and promised coupons have 0. */
function activitiesOf(doc: unknown): readonly Activity[] {
  return list({ extras: nested(doc, '/extras') }, '/extras').flatMap(({ value, pointer }): readonly Activity[] => {
    // The last element may hold nothing but figures of the shop.
    if (optionalText(value, '/reduce_fee') === undefined) return []
    const minor = fen(value, '/reduce_fee')
    if (minor === 0) return []
    const type = requiredText(value, '/type')
    if (minor < 0) throw new MappingError('amounts-disagree', 'A reduction that adds to the price is not documented.', `${pointer}/reduce_fee`)
    const isShared = optionalText(value, '/mt_charge') !== undefined || optionalText(value, '/poi_charge') !== undefined
    const [byChannel, bySeller] = isShared ? [fen(value, '/mt_charge'), fen(value, '/poi_charge')] : [0, minor]
    if (byChannel + bySeller !== minor)
      throw new MappingError('amounts-disagree', 'The shares of the channel and of the shop are not the reduction.', `${pointer}/reduce_fee`)
    const kind = type === '9' && optionalText(value, '/type_9_coupon_type') === '3' ? '304' : type
    return [{ type: kind, title: optionalText(value, '/remark'), code: optionalText(value, '/act_detail_id'), minor, byChannel, bySeller }]
  })
}

/**
 * Reductions of goods over the lines, as the channel shares them out by SKU (`sku_benefit_detail`) where it does for the whole sum, else by value.
 * @throws MappingError `amounts-disagree` where the goods cost something else than the channel's own sum before reductions
 */
export function reductionsOf(doc: unknown, items: readonly Item[], besides: number): Reductions {
  const all = activitiesOf(doc)
  const activities = withoutIncluded(doc, all, { items, besides })
  const [shipping, packaging] = [OF_DELIVERY, OF_PACKAGING].map((kind) => activities.filter(({ type }) => kind.has(type)))
  const goods = activities.filter(({ type }) => !OF_DELIVERY.has(type) && !OF_PACKAGING.has(type))
  const minor = (of: readonly Activity[] | undefined): number => sum((of ?? []).map((each) => each.minor))
  const off = sharesOf(doc, items, minor(goods))
  const left = [...off]
  const discounts = goods.flatMap((activity) =>
    splitByFunder(activity).map(({ funder, part }): Discount => {
      const shares = allocate(amount(part), left).map((share) => share.minor)
      shares.forEach((share, i) => (left[i] = (left[i] ?? 0) - share))
      return {
        ...wordsOf('order', activity, funder),
        amount: amount(part),
        allocations: shares.flatMap((share, i) => (share === 0 ? [] : [{ lineNo: i + 1, amount: amount(share) }])),
      }
    }),
  )
  const unshared = (scope: Discount['scope'], of: readonly Activity[] | undefined): readonly Discount[] =>
    (of ?? []).flatMap((activity) =>
      splitByFunder(activity).map(({ funder, part }) => ({ ...wordsOf(scope, activity, funder), amount: amount(part), allocations: [] })),
    )
  return {
    discounts: [...discounts, ...unshared('shipping', shipping), ...unshared('order', packaging)],
    off,
    shippingMinor: minor(shipping),
    packagingMinor: minor(packaging),
  }
}

/**
 * Goods, boxes, bag and delivery are `original_price`. Where they are less by activities of single products, the prices were sent after those:
 * they are in them and count no second time. A gap without such an explanation holds the order.
 */
function withoutIncluded(
  doc: unknown,
  all: readonly Activity[],
  { items, besides }: { readonly items: readonly Item[]; readonly besides: number },
): readonly Activity[] {
  const gap = fen(doc, '/original_price') - sum(items.map(({ gross }) => gross)) - besides
  if (gap === 0) return all
  const own = all.filter(({ type }) => OF_PRODUCTS.has(type))
  if (gap > 0 && sum(own.map(({ minor }) => minor)) === gap) return all.filter((each) => !own.includes(each))
  throw new MappingError('amounts-disagree', 'Goods, packaging and delivery are not the sum before reductions.', '/original_price')
}

function sharesOf(doc: unknown, items: readonly Item[], minor: number): readonly number[] {
  const gross = items.map((item) => item.gross)
  const told = list({ benefits: nested(doc, '/sku_benefit_detail') }, '/benefits')
  if (told.length > 0) {
    const shares = items.map((item, i) => {
      const isFirst = items.findIndex((each) => each.product === item.product && each.sku === item.sku) === i
      const own = told.filter(
        ({ value }) =>
          (optionalText(value, '/app_food_code') ?? optionalText(value, '/app_spu_code') ?? '') === item.product &&
          (optionalText(value, '/sku_id') ?? '') === item.sku,
      )
      return isFirst ? sum(own.map(({ value }) => fen(value, '/totalReducePrice'))) : 0
    })
    if (sum(shares) === minor && shares.every((share, i) => share >= 0 && share <= (gross[i] ?? 0))) return shares
  }
  if (minor > sum(gross)) throw new MappingError('amounts-disagree', 'The goods were made cheaper by more than they cost.', '/extras')
  return minor === 0 ? gross.map(() => 0) : allocate(amount(minor), gross).map((share) => share.minor)
}

const splitByFunder = ({ bySeller, byChannel }: Activity): readonly { readonly funder: Funder; readonly part: number }[] =>
  [{ funder: 'seller', part: bySeller } as const, { funder: 'channel', part: byChannel } as const].filter(({ part }) => part > 0)

const wordsOf = (scope: Discount['scope'], { type, title, code }: Activity, funder: Funder): Omit<Discount, 'amount' | 'allocations'> => ({
  scope,
  funder,
  kind: COUPONS.has(type) ? 'coupon' : 'promotion',
  ...(code === undefined || code === '0' ? {} : { code }),
  ...(title === undefined ? {} : { title }),
})
