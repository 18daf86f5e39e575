import { toMinor } from '../../sandbox/stage/decimal.ts'
import type { Order } from './judge.ts'
import type { Truth } from './shop.ts'

/** In which words a channel tells an order, where they are not those of its ledger. */
interface Words {
  /** Amounts of a line and the delivery hold the tax. */
  readonly taxInside?: true
  /** The document counts what was cancelled beside the quantity, the ledger takes it off. */
  readonly lessCancelled?: true
  /** The channel knows no packages: what is finished is with its buyer. */
  readonly noPackages?: true
  /** What went back in part stands in documents of its own and not in the order. */
  readonly partsApart?: true
  /** What went back stands in the order and not in documents of its own. */
  readonly noRefundDocuments?: true
  /** The channel's order says when all of it went back, and nothing of a part. */
  readonly onlyWhole?: true
  /** Stands before the numbers of after-sales, which are counted apart from cancellations. */
  readonly afterSale?: string
}

const WORDS: Readonly<Record<string, Words>> = {
  jd: { afterSale: 'afs-' },
  kuaishou: { partsApart: true },
  loyverse: { noPackages: true },
  magento: { noRefundDocuments: true },
  taobao: { partsApart: true },
  'tiktok-shop': { partsApart: true },
  vendure: { taxInside: true, lessCancelled: true },
  'wechat-mini': { noRefundDocuments: true, onlyWhole: true },
  'wechat-shop': { partsApart: true },
  woocommerce: { noPackages: true },
  xiaohongshu: { partsApart: true },
}

/**
 * Compares one order of any channel with its ledger: status, currency, lines with SKU, quantity and what left, minor units of
 * lines, tax, delivery and total, and every refund by its number. Undefined when nothing differs.
 */
export function differenceInWords(channel: string, truth: Truth, { doc, refunds }: Order): string | undefined {
  const words = WORDS[channel] ?? {}
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency: truth.currency }).resolvedOptions().maximumFractionDigits ?? 2
  const minor = (value: { readonly amount: string }): number => toMinor(value.amount, digits)
  const lineTax = doc.lines.reduce((sum, one) => sum + minor(one.tax), 0)
  const deliveryTax = words.taxInside ? minor(doc.totals.tax) - lineTax : 0
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    // A status of several axes is told in several words; the ledger's is one of them.
    ['status', truth.status, doc.source_status.split(' ').includes(truth.status) ? truth.status : doc.source_status],
    ['currency', truth.currency, doc.currency],
    ['total', truth.totalMinor, minor(doc.totals.total)],
    ['delivery', truth.shippingMinor, minor(doc.totals.shipping) - deliveryTax],
    ['tax', truth.taxMinor, minor(doc.totals.tax)],
    ...(words.partsApart ? [] : [['refunded', words.onlyWhole ? whole(truth) : truth.refundedMinor, minor(doc.totals.refunded)] as const]),
    ...(words.noRefundDocuments ? [] : [['refunds', refundsOf(truth), givenBack(refunds, words, minor)] as const]),
    [
      'lines',
      truth.lines.map((one) => [one.lineId, one.sku, one.quantity, one.totalMinor, one.taxMinor, words.noPackages ? 0 : one.shippedQuantity]),
      doc.lines.map((one) => [
        one.channel_line_no,
        one.channel_sku,
        Number(one.quantity) - (words.lessCancelled ? Number(one.cancelled) : 0),
        minor(one.net) - (words.taxInside ? minor(one.tax) : 0),
        minor(one.tax),
        words.noPackages ? 0 : Number(one.shipped),
      ]),
    ],
  ]
  const wrong = pairs.filter(([, a, b]) => JSON.stringify(a) !== JSON.stringify(b))
  return wrong.length === 0
    ? undefined
    : wrong.map(([name, a, b]) => `${name} is ${JSON.stringify(b)}, the channel says ${JSON.stringify(a)}`).join('; ')
}

const refundsOf = (truth: Truth): readonly string[] => truth.refunds.map(({ refundId, minor }) => `${refundId} ${minor}`).toSorted()

const givenBack = (refunds: Order['refunds'], { afterSale = '' }: Words, minor: (value: { readonly amount: string }) => number): readonly string[] =>
  refunds
    .flatMap(({ doc }) => {
      const number = doc.channel_refund_no.startsWith(afterSale) ? doc.channel_refund_no.slice(afterSale.length) : doc.channel_refund_no
      return doc.state === 'done' ? [`${number} ${minor(doc.amount)}`] : []
    })
    .toSorted()

const whole = ({ totalMinor, refundedMinor }: Truth): number => (refundedMinor === totalMinor ? refundedMinor : 0)
