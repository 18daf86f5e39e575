import type { JsonRecord } from '../stage/json-input.ts'
import { asList, asNumber, asRecord, asText } from '../stage/json-input.ts'
import type { VendureControl } from './control.ts'

/** Vendure's own levers over HTTP, beside the ones every simulator has. */
export function vendureLevers(control: VendureControl): Readonly<Record<string, (input: JsonRecord) => unknown>> {
  return {
    place: (input) => {
      const lines = asList(input['lines'])
        .map(asRecord)
        .map((line) => ({ sku: asText(line['sku']) ?? '', quantity: asNumber(line['quantity']) ?? 1 }))
      return control.placeOrder({ lines, shipping: asNumber(input['shipping']) ?? 0, unitDiscount: asNumber(input['unitDiscount']) ?? 0 })
    },
    'set-status': (input) => control.setState(asText(input['orderId']) ?? '', asText(input['status']) ?? 'PaymentSettled'),
    'add-product': (input) =>
      control.addVariant({
        name: asText(input['name']) ?? '',
        sku: asText(input['sku']) ?? '',
        price: asNumber(input['priceMinor']) ?? 0,
        stock: asNumber(input['stock']) ?? null,
      }),
    'expire-sessions': () => control.expireSessions(),
  }
}
