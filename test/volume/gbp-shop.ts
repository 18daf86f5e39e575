import { DateTime } from 'luxon'
import type { LineInput } from '../../sandbox/woocommerce/orders.ts'
import type { WooCommerceSim } from '../../sandbox/woocommerce/index.ts'
import { start } from '../../sandbox/server.ts'
import { uciInvoices } from './uci-sums.ts'
import { uciRows } from './uci-rows.ts'

/**
 * A British WooCommerce shop with every sales invoice of the file as a finished order, in a process of its own so that its
 * memory and time are not the hub's: `gbp-shop.ts <uci-online-retail.csv.gz>`. Prints `ready <url>` and serves
 * until its input ends, so that it never outlives the test that started it.
 */
const path = process.argv[2]
if (path === undefined) throw new Error('Name the file of invoices.')
const sandbox = await start({
  shops: [{ name: 'uci', channel: 'woocommerce', options: { currency: 'GBP', currencySymbol: '£', timezone: 'Europe/London' } }],
})
await stock(sandbox.woo('uci'), path)
process.stdout.write(`ready ${sandbox.url}/uci\n`)
process.stdin.once('end', () => void sandbox.stop()).resume()

/** One product per article; lines keep the words and the price of their own invoice. */
async function stock(shop: WooCommerceSim, file: string): Promise<void> {
  const kinds = await uciInvoices(file)
  const products = new Map<string, number>()
  const sales = new Map<string, { readonly at: string; readonly lines: LineInput[] }>()
  for await (const { invoice, sku, title, quantity, unitPrice, at } of uciRows(file)) {
    if (kinds.get(invoice)?.kind !== 'order') continue
    const productId = products.get(sku) ?? shop.control.addProduct({ name: title || sku, sku, priceMinor: 0 }).id
    products.set(sku, productId)
    const sale = sales.get(invoice) ?? { at, lines: [] }
    sales.set(invoice, sale)
    sale.lines.push({ productId, name: title, unitPrice, quantity })
  }
  for (const [number, { at, lines }] of sales) {
    const placedAt = DateTime.fromSQL(at, { zone: 'Europe/London' }).toUTC().toISO() ?? at
    const done = shop.control.placeOrder({ silent: true, status: 'completed', number, placedAt, lines })
    if (!done.ok) throw new Error(`Invoice ${number}: ${done.reason}`)
  }
}
