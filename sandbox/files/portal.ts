import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SimClock } from '../stage/clock.ts'
import { goodsName, goodsSku } from '../stage/goods.ts'
import type { Ledger, OrderTruth } from '../stage/ledger.ts'
import { createLedger } from '../stage/ledger.ts'
import { personAt } from '../stage/people.ts'
import type { Random } from '../stage/random.ts'
import type { CartLine, Done, ShopControl } from '../stage/shop-control.ts'
import { createTrickle } from '../stage/trickle.ts'

interface Article {
  readonly sku: string
  readonly title: string
  readonly cents: number
  stock: number
}

export interface Portal {
  readonly folder: string
  readonly ledger: Ledger
  readonly control: Omit<ShopControl, 'setFault' | 'clearFaults'>
}

const HEADER =
  'order_no,ordered_at,payment_status,payment_method,sku,title,quantity,unit_price,shipping,total,name,phone,country,city,address,postcode,note'
/** Orders of one history file. */
const PER_FILE = 40

/** A portal in a folder of its own: `in` is what it drops, `out` what it reads, `listings` what it sells. */
export function createPortal(clock: SimClock, random: Random): Portal {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-portal-'))
  const articles: Article[] = []
  const orders = new Map<string, OrderTruth>()
  const ledger = createLedger({ now: clock.now, orders: () => [...orders.values()], order: (id) => orders.get(id) })
  let files = 0
  const place = (lines: readonly CartLine[], at: number): OrderTruth => {
    const truth = orderTruth(`P-${10_001 + orders.size}`, lines, articles, at)
    orders.set(truth.orderId, truth)
    ledger.record({ kind: 'order', orderId: truth.orderId, change: 'placed', by: 'shopper', status: truth.status })
    return truth
  }
  const drop = (made: readonly OrderTruth[]): void => {
    files += 1
    const rows = made.flatMap((truth) => rowsOf(truth, orders.size))
    writeWhole(join(folder, 'in'), `orders-${String(files).padStart(6, '0')}.csv`, [HEADER, ...rows].join('\r\n'))
  }
  const cart = (): readonly CartLine[] => {
    if (articles.length === 0) control.seedProducts(12)
    const chosen = new Set(Array.from({ length: random.int(1, 3) }, () => random.pick(articles)))
    return [...chosen].map((article) => ({ sku: article.sku, quantity: random.int(1, 3) }))
  }
  const control: Portal['control'] = {
    shop(lines = cart()) {
      const missing = lines.find((line) => !articles.some((article) => article.sku === line.sku))
      if (missing) return { ok: false, reason: `No article ${missing.sku}.` }
      const truth = place(lines, clock.now())
      drop([truth])
      return { ok: true, orderId: truth.orderId }
    },
    edit: written,
    cancelOrder: written,
    requestCancel: written,
    refund: written,
    ship: written,
    setStock(sku, quantity) {
      const article = articles.find((one) => one.sku === sku)
      if (article) article.stock = quantity
      if (article) writeListings(folder, articles)
      return article !== undefined
    },
    openOrders: () => [...orders.keys()],
    stockOf: (sku) => toldStock(folder, sku) ?? articles.find((article) => article.sku === sku)?.stock,
    seedProducts(count) {
      for (let n = articles.length; n < count; n += 1)
        articles.push({ sku: goodsSku(n), title: goodsName(n), cents: random.int(100, 20_000), stock: random.int(20, 200) })
      writeListings(folder, articles)
    },
    seedOrders(count, spreadDays = 30) {
      const span = spreadDays * 86_400_000
      const made = Array.from({ length: count }, (_, n) => place(cart(), clock.now() - Math.floor((span * (count - n)) / count)))
      for (let at = 0; at < made.length; at += PER_FILE) drop(made.slice(at, at + PER_FILE))
    },
    trickle: (rate, mix) => trickle(rate, mix),
  }
  const trickle = createTrickle({
    control: { ...control, setFault: () => undefined, clearFaults: () => undefined },
    random,
    skus: () => articles.map((article) => article.sku),
  })
  return { folder, ledger, control }
}

const written = (): Done => ({ ok: false, reason: 'A file that was dropped is not changed any more.' })

function orderTruth(orderId: string, lines: readonly CartLine[], articles: readonly Article[], at: number): OrderTruth {
  const placedAt = new Date(Math.floor(at / 1000) * 1000).toISOString()
  const known = lines.map((line, i) => {
    const article = articles.find((one) => one.sku === line.sku)
    return { lineId: String(i + 1), sku: line.sku, name: article?.title ?? '', quantity: line.quantity, cents: article?.cents ?? 0 }
  })
  const totalMinor = known.reduce((sum, line) => sum + line.cents * line.quantity, 0)
  return {
    orderId,
    number: orderId,
    status: 'paid',
    currency: 'USD',
    placedAt,
    modifiedAt: placedAt,
    lines: known.map(({ cents, ...line }) => ({ ...line, totalMinor: cents * line.quantity, taxMinor: 0, shippedQuantity: 0, refundedQuantity: 0 })),
    shippingMinor: 0,
    feeMinor: 0,
    taxMinor: 0,
    discountMinor: 0,
    totalMinor,
    refundedMinor: 0,
    refunds: [],
  }
}

function rowsOf(truth: OrderTruth, shopper: number): readonly string[] {
  const person = personAt(shopper)
  const at = truth.placedAt.slice(0, 19).replace('T', ' ')
  const who = [`${person.firstName} ${person.lastName}`, person.phone, person.country, person.city, person.line1, person.postcode, '']
  return truth.lines.map((line) =>
    [
      truth.orderId,
      at,
      'paid',
      'invoice',
      line.sku,
      line.name,
      String(line.quantity),
      decimal(line.totalMinor / line.quantity),
      '0',
      decimal(truth.totalMinor),
      ...who,
    ]
      .map(quoted)
      .join(','),
  )
}

function writeListings(folder: string, articles: readonly Article[]): void {
  const rows = articles.map((article) => [article.sku, article.title, decimal(article.cents), String(article.stock)].map(quoted).join(','))
  writeWhole(join(folder, 'listings'), 'articles.csv', ['sku,title,price,quantity', ...rows].join('\r\n'))
}

/** What the newest stock file that names the article says. */
function toldStock(folder: string, sku: string): number | undefined {
  mkdirSync(join(folder, 'out'), { recursive: true })
  const files = readdirSync(join(folder, 'out')).flatMap((name) => (name.startsWith('stock-') ? [join(folder, 'out', name)] : []))
  for (const file of files.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)) {
    const row = readFileSync(file, 'utf8')
      .split(/\r?\n/)
      .map((line) => /^("(?:[^"]|"")*"|[^,]*),"?(\d+)/.exec(line))
      .find((match) => match && match[1]?.replace(/^"|"$/g, '').replaceAll('""', '"') === sku)
    if (row) return Number(row[2])
  }
  return undefined
}

/** Under another name first, then renamed: nobody sees half a file. */
function writeWhole(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.part`), `${text}\r\n`)
  renameSync(join(folder, `${name}.part`), join(folder, name))
}

const quoted = (text: string): string => (/[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
const decimal = (cents: number): string => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
