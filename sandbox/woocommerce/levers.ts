import type { JsonRecord } from '../stage/json-input.ts'
import { asFlag, asList, asNumber, asRecord, asText, isRecord } from '../stage/json-input.ts'
import type { WooControl } from './control.ts'
import type { LineInput, OrderInput } from './orders.ts'

/** WooCommerce's own levers over HTTP, beside the ones every simulator has. */
export function wooLevers(control: WooControl): Readonly<Record<string, (input: JsonRecord) => unknown>> {
  const orderId = (input: JsonRecord): string => asText(input['orderId']) ?? ''
  return {
    place: (input) => control.placeOrder(orderInput(input)),
    /** Many at once, for loading real data: `orders` is a list of what `place` takes. */
    'place-many': (input) => {
      const done = asList(input['orders']).map((one) => control.placeOrder(orderInput(asRecord(one))))
      return { ok: done.every((one) => one.ok), placed: done.filter((one) => one.ok).length, refused: done.filter((one) => !one.ok) }
    },
    'set-status': (input) => control.setStatus(orderId(input), asText(input['status']) ?? 'processing'),
    distort: (input) => control.distort(orderId(input), asText(input['member']) ?? '', input['value']),
    'drop-subscriptions': () => control.dropSubscriptions(),
    trash: (input) => control.trash(orderId(input), asFlag(input['force'])),
    'add-product': (input) =>
      control.addProduct({
        name: asText(input['name']) ?? '',
        sku: asText(input['sku']) ?? '',
        priceMinor: asNumber(input['priceMinor']) ?? 0,
        stock: asNumber(input['stock']) ?? null,
      }),
    'fail-webhooks': (input) => control.failWebhooks(numbers(input, ['drop', 'duplicate', 'delayMs'])),
    configure: (input) =>
      control.configure({ ...numbers(input, ['webhookDelayMs', 'listLagMs']), ...flags(input, ['fulfilments', 'shipmentTracking', 'assumeHttps']) }),
  }
}

function orderInput(input: JsonRecord): OrderInput {
  return {
    ...texts(input, ['status', 'number', 'currency', 'couponCode', 'customerNote', 'transactionId', 'placedAt', 'modifiedAt']),
    ...numbers(input, ['person', 'shippingMinor', 'taxBasisPoints']),
    ...flags(input, ['silent']),
    lines: asList(input['lines'])
      .map(asRecord)
      .map((line): LineInput => ({
        ...texts(line, ['sku', 'name', 'unitPrice']),
        ...numbers(line, ['productId', 'variationId', 'discountMinor']),
        quantity: asNumber(line['quantity']) ?? 1,
      })),
    meta: asList(input['meta'])
      .filter(isRecord)
      .map((one) => ({ key: asText(one['key']) ?? '', value: one['value'] })),
  }
}

function texts<K extends string>(input: JsonRecord, names: readonly K[]): { [N in K]?: string } {
  return keep(names, (name) => asText(input[name]))
}

function numbers<K extends string>(input: JsonRecord, names: readonly K[]): { [N in K]?: number } {
  return keep(names, (name) => asNumber(input[name]))
}

function flags<K extends string>(input: JsonRecord, names: readonly K[]): { [N in K]?: boolean } {
  return keep(names, (name) => asFlag(input[name]))
}

function keep<K extends string, V>(names: readonly K[], read: (name: K) => V | undefined): { [N in K]?: V } {
  const kept: { [N in K]?: V } = {}
  for (const name of names) {
    const value = read(name)
    if (value !== undefined) kept[name] = value
  }
  return kept
}
