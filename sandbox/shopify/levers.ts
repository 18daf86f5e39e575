import type { JsonRecord } from '../stage/json-input.ts'
import { asList, asNumber, asRecord, asText } from '../stage/json-input.ts'
import type { ShopifyControl } from './control.ts'

/** Shopify's own levers over HTTP, beside the ones every simulator has. */
export function shopifyLevers(control: ShopifyControl): Readonly<Record<string, (input: JsonRecord) => unknown>> {
  const order = (input: JsonRecord): string => asText(input['orderId']) ?? ''
  return {
    place: (input) => {
      const lines = asList(input['lines'])
        .map(asRecord)
        .map((line) => ({ sku: asText(line['sku']) ?? '', quantity: asNumber(line['quantity']) ?? 1 }))
      return control.placeOrder({ lines, shipping: asNumber(input['shipping']) ?? 0, lineDiscount: asNumber(input['lineDiscount']) ?? 0 })
    },
    'add-product': (input) =>
      control.addVariant({
        name: asText(input['name']) ?? '',
        sku: asText(input['sku']) ?? '',
        price: asNumber(input['priceMinor']) ?? 0,
        stock: asNumber(input['stock']) ?? null,
      }).id,
    /** The seller opens another place, with some of everything in it. */
    'add-location': (input) => control.addLocation(asText(input['name']) ?? 'Warehouse 2', asNumber(input['stock']) ?? 10),
    hold: (input) => control.hold(order(input), input['on'] !== false),
    'remove-units': (input) => control.removeUnits(order(input), asText(input['lineId']) ?? '', asNumber(input['quantity']) ?? 1),
    'expire-tokens': () => control.expireTokens(),
    'drop-subscriptions': () => control.dropSubscriptions(),
    'send-topic': (input) => void control.sendTopic(asText(input['topic']) ?? 'customers/redact', asText(input['url']) ?? ''),
  }
}
