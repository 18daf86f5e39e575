import type { Lever } from '../control-routes.ts'
import { asFlag, asList, asNumber, asRecord, asText, type JsonRecord } from '../json-input.ts'
import type { MarketControl } from './control.ts'
import type { PlaceInput } from './placing.ts'
import type { Decision } from './refunds.ts'

const DECISIONS: readonly Decision[] = ['approve', 'settle', 'reject', 'close']
const PAGING = ['repeat', 'empty-middle', 'none'] as const

/** Levers of every marketplace over HTTP, beside the ones every simulator has. */
export function marketLevers(control: MarketControl): Readonly<Record<string, Lever>> {
  const id = (input: JsonRecord): string => asText(input['orderId']) ?? ''
  const number = (input: JsonRecord, name: string, usual: number): number => asNumber(input[name]) ?? usual
  return {
    place: (input) => control.placeOrder(placeInput(input)),
    'add-item': (input) =>
      control.addItem({
        title: asText(input['title']) ?? '',
        sku: asText(input['sku']) ?? '',
        priceMinor: number(input, 'priceMinor', 0),
        stock: number(input, 'stock', 0),
      }),
    pay: (input) => control.pay(id(input)),
    finish: (input) => control.finish(id(input)),
    'change-address': (input) => control.changeAddress(id(input)),
    'set-status': (input) => control.setStatus(id(input), asText(input['status']) ?? ''),
    'strange-status': (input) => control.strangeStatus(id(input)),
    'request-refund': (input) => control.requestRefund(id(input), number(input, 'lineNo', 1)),
    'decide-refunds': (input) => control.decideRefunds(id(input), DECISIONS.find((each) => each === input['decision']) ?? 'settle'),
    'expire-tokens': () => control.expireTokens(),
    revoke: (input) => control.revoke(asFlag(input['on']) ?? true),
    'list-lag': (input) => control.listLag(number(input, 'ms', 0)),
    'odd-paging': (input) => control.oddPaging(PAGING.find((each) => each === input['kind']) ?? 'none'),
    'refuse-stock': (input) => control.refuseStock(asText(input['sku']) ?? ''),
    'drop-subscriptions': () => control.dropSubscriptions?.(),
    'fail-webhooks': (input) =>
      control.failWebhooks?.({ drop: number(input, 'drop', 0), duplicate: number(input, 'duplicate', 0), delayMs: number(input, 'delayMs', 0) }),
  }
}

const AMOUNTS = [
  'person',
  'shippingMinor',
  'otherFeeMinor',
  'lineDiscountMinor',
  'orderDiscountMinor',
  'channelDiscountMinor',
  'adjustMinor',
  'depositMinor',
] as const

function placeInput(input: JsonRecord): PlaceInput {
  const given = AMOUNTS.flatMap((name) => {
    const value = asNumber(input[name])
    return value === undefined ? [] : [[name, value] as const]
  })
  const [kind, promotionName, buyerNote] = [asText(input['kind']), asText(input['promotionName']), asText(input['buyerNote'])]
  return {
    ...Object.fromEntries(given),
    lines: asList(input['lines'])
      .map(asRecord)
      .map((line) => ({ sku: asText(line['sku']) ?? '', quantity: asNumber(line['quantity']) ?? 1 })),
    ...(kind === undefined ? {} : { kind }),
    ...(promotionName === undefined ? {} : { promotionName }),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    ...(asFlag(input['unpaid']) === true ? { unpaid: true } : {}),
    ...(asFlag(input['cod']) === true ? { cod: true } : {}),
  }
}
