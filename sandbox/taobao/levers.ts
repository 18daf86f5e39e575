import type { JsonRecord } from '../stage/json-input.ts'
import { asFlag, asList, asNumber, asRecord, asText } from '../stage/json-input.ts'
import type { TaobaoControl } from './control.ts'
import type { TradeInput } from './seed.ts'

/** Taobao's own levers over HTTP, beside the ones every simulator has. */
export function taobaoLevers(control: TaobaoControl): Readonly<Record<string, (input: JsonRecord) => unknown>> {
  const id = (input: JsonRecord): string => asText(input['orderId']) ?? ''
  return {
    place: (input) => control.placeTrade(tradeInput(input)),
    'add-item': (input) =>
      control.addItem({
        title: asText(input['title']) ?? '',
        sku: asText(input['sku']) ?? '',
        priceMinor: asNumber(input['priceMinor']) ?? 0,
        stock: asNumber(input['stock']) ?? 0,
      }),
    pay: (input) => control.pay(id(input)),
    'pay-rest': (input) => control.payRest(id(input)),
    finish: (input) => control.finish(id(input)),
    'set-status': (input) => control.setStatus(id(input), asText(input['status']) ?? 'WAIT_SELLER_SEND_GOODS'),
    'request-refund': (input) => control.requestRefund(id(input), asNumber(input['lineNo']) ?? 1),
    'expire-tokens': () => control.expireTokens(),
    revoke: (input) => control.revoke(asFlag(input['on']) ?? true),
    'list-lag': (input) => control.listLag(asNumber(input['ms']) ?? 0),
  }
}

function tradeInput(input: JsonRecord): TradeInput {
  const minor = (name: string): Readonly<Record<string, number>> => {
    const value = asNumber(input[name])
    return value === undefined ? {} : { [name]: value }
  }
  const type = asText(input['type'])
  return {
    lines: asList(input['lines'])
      .map(asRecord)
      .map((line) => ({ sku: asText(line['sku']) ?? '', quantity: asNumber(line['quantity']) ?? 1 })),
    ...minor('person'),
    ...minor('postMinor'),
    ...minor('codFeeMinor'),
    ...minor('lineDiscountMinor'),
    ...minor('orderDiscountMinor'),
    ...minor('adjustMinor'),
    ...minor('depositMinor'),
    ...(type === undefined ? {} : { type }),
    ...(asFlag(input['unpaid']) === true ? { unpaid: true } : {}),
  }
}
