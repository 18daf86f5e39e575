import type { OrderLine } from '../../src/core/order.ts'
import { decimal, list, optionalText, requiredText, text } from '../parts/read.ts'
import { unitPrice } from '../parts/unit-price.ts'
import type { OrderMoney } from './money.ts'
import { lineNoOf, ORDER } from './read.ts'
import type { State } from './state.ts'

interface Given {
  readonly currency: string
  readonly money: OrderMoney
  readonly state: State
}

/** Lines with what parcels took of them; two that name the same goods in the same way are told apart by their place. */
export function linesOf(doc: unknown, { currency, money, state }: Given): readonly OrderLine[] {
  const seen = new Map<string, number>()
  return list(doc, `${ORDER}/item_list`).map(({ value, pointer }, i) => {
    const no = lineNoOf(value)
    const nth = (seen.get(no) ?? 0) + 1
    seen.set(no, nth)
    const quantity = decimal(doc, `${pointer}/model_quantity_purchased`)
    const { gross, net } = money.lines[i] ?? { gross: 0, net: 0 }
    const product = requiredText(doc, `${pointer}/item_id`)
    const model = optionalText(value, '/model_id') ?? '0'
    const options = optionalText(value, '/model_name')
    const shipped = Math.min(Number(quantity), state.shippedOf(no, Number(quantity)))
    const cancelled = state.isGone
      ? Number(quantity) - shipped
      : Math.min(Number(optionalText(value, '/cancelled_qty') ?? 0), Number(quantity) - shipped)
    return {
      lineNo: i + 1,
      channelLineNo: nth === 1 ? no : `${no}#${nth}`,
      channelSku: optionalText(value, '/model_sku') ?? text(value, '/item_sku').trim(),
      channelProduct: product,
      listingKey: model === '0' ? product : `${product}:${model}`,
      title: text(value, '/item_name'),
      ...(options === undefined ? {} : { options }),
      quantity,
      cancelled: String(cancelled),
      shipped: String(shipped),
      unitPrice: unitPrice(optionalText(value, '/model_original_price') ?? '0', '1'),
      gross: { minor: gross, currency },
      discount: { minor: gross - net, currency },
      net: { minor: net, currency },
      tax: { minor: 0, currency },
      role: gross === 0 || text(value, '/promotion_type') === 'welcome_package_free_gift' ? 'gift' : 'single',
    }
  })
}
