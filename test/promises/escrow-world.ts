/** Seconds of the model: how late orders are listed at most, how long a sent write may still land, how far clocks are apart. */
export const LAG = 5
export const TMAX = 10
export const SKEW = 1
const LEASE = 8
const TICKS = 60

export type Kind = 'absolute' | 'cas' | 'delta'
/** One call of the hub's functions; times are seconds of the model. */
export type Op = Readonly<Record<string, string | number | boolean | null>> & { readonly op: string }
export interface World {
  readonly kinds: readonly Kind[]
  /** Part of the orders that are listed later than the channel declares. */
  readonly late?: number
  /** Cancels are heard of much later than orders. */
  readonly slowCancels?: boolean
  /** The hub believes that cancels give nothing back, and they do. */
  readonly blind?: boolean
  /** The goods are sold by the piece and in parts of one, by the carton of three and by the half, each at shops of its own. */
  readonly mixed?: boolean
  /** Something between hub and channel sends a write twice. */
  readonly twice?: boolean
}
export interface Told {
  readonly steps: number
  readonly orders: number
  readonly cancels: number
  readonly unanswered: number
  readonly crashes: number
  readonly stock: number
  readonly sold: number
  readonly oversold: boolean
}

interface Sale {
  readonly id: number
  readonly quantity: number
  readonly at: number
  readonly visible: number
  cancel?: { readonly at: number; readonly visible: number }
}
interface Shop {
  readonly id: string
  readonly kind: Kind
  /** Pieces in what it sells. */
  readonly per: number
  readonly restocks: boolean
  readonly skew: number
  readonly demand: number
  readonly sales: Sale[]
  shown: number
  /** The hub's write on its way; a new object for each, so that answers to a forgotten one find nobody. */
  out?: { readonly since: number }
  reading?: boolean
}

interface Write {
  readonly shop: Shop
  readonly kind: Kind
  readonly value: number
  readonly expected: number
}

const random = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * One SKU sold by two to four shops, with everything going wrong that a network and a channel can: orders late, doubled and out
 * of order, writes delayed, lost or landing after their answer was given up, processes that die with a write on the wire.
 * Shops sell what they show, a part of a piece too where parts are sold. `next` gives the hub's calls of one moment, `answers` takes what they said.
 */
export class History {
  readonly sku: string
  readonly #world: World
  readonly #rnd: () => number
  readonly #shops: readonly Shop[]
  #net: { readonly at: number; readonly run: () => void }[] = []
  #pending: Op[] = []
  #asked: Write[] = []
  #now = 0
  #stock: number
  #live = 0
  readonly #count = { steps: 0, orders: 0, cancels: 0, unanswered: 0, crashes: 0, sold: 0 }
  #oversold = false
  readonly #crashAt: number

  constructor(world: World, seed: number) {
    this.#world = world
    this.#rnd = random(seed * 7919 + 13)
    this.sku = `H${seed}`
    this.#stock = this.#int(4, 20) + (world.mixed === true && this.#chance(0.5) ? 0.5 : 0)
    this.#crashAt = this.#int(5, TICKS - 15)
    this.#shops = Array.from({ length: this.#int(2, 4) }, (_, i) => ({
      id: `${this.sku}/${i}`,
      kind: world.kinds[this.#int(0, world.kinds.length - 1)] ?? 'absolute',
      per: world.mixed === true ? ([1, 3, 0.5][this.#int(0, 2)] ?? 1) : 1,
      restocks: this.#rnd() < 0.5,
      skew: (this.#rnd() * 2 - 1) * SKEW,
      demand: this.#rnd() * 0.6,
      sales: [],
      shown: 0,
    }))
  }

  get done(): boolean {
    return this.#now >= TICKS
  }
  get told(): Told {
    return { ...this.#count, stock: this.#stock, oversold: this.#oversold }
  }

  /** How the books begin. */
  opening(): readonly Op[] {
    return [
      { op: 'open', sku: this.sku, stock: this.#stock },
      ...[...new Set(this.#shops.map(({ per }) => per))]
        .filter((per) => per !== 1)
        .map((per) => ({ op: 'bundle', sku: this.sku, of: this.#goodsOf(per), per })),
      ...this.#shops.map((shop) => ({ op: 'shop', of: this.#goodsOf(shop.per), shop: shop.id, restocks: this.#believed(shop) })),
    ]
  }

  next(): readonly Op[] {
    this.#now += 1
    this.#pending = []
    this.#asked = []
    const due = this.#net.filter(({ at }) => at <= this.#now)
    this.#net = this.#net.filter(({ at }) => at > this.#now)
    for (const { run } of this.#shuffled(due)) run()
    for (const shop of this.#shops) {
      if (this.#chance(shop.demand)) this.#buy(shop, this.#world.mixed === true && shop.per === 1 && this.#chance(0.4) ? 0.5 : this.#int(1, 2))
      if (this.#chance(0.04)) this.#cancel(shop)
    }
    if (this.#chance(0.03)) this.#arrive(this.#int(1, 4))
    if (this.#now === this.#crashAt) this.#crash()
    for (const shop of this.#shops) this.#work(shop)
    this.#count.steps += this.#pending.length
    return this.#pending
  }

  /** The answers to the calls of this moment, in order. */
  answers(said: readonly (string | null)[]): void {
    let i = 0
    for (const [k, op] of this.#pending.entries()) {
      if (op.op !== 'begin') continue
      const asked = this.#asked[i++]
      if (asked && said[k] === 'ok') this.#send(asked)
    }
  }

  #work(shop: Shop): void {
    const listed = shop.sales.filter((sale) => sale.visible <= this.#now)
    // A notice about some order, again and again, in any order.
    const heard = this.#chance(0.1) ? listed[this.#int(0, Math.max(0, listed.length - 1))] : undefined
    if (heard) this.#see(shop, heard)
    if (this.#chance(0.33)) {
      for (const sale of this.#shuffled(listed)) this.#see(shop, sale)
      this.#pending.push({ op: 'settle', shop: shop.id, at: this.#now - LAG - SKEW })
    }
    if (this.#chance(0.2) && shop.out === undefined) this.#ask(shop)
    if (this.#chance(0.1) && shop.out === undefined) this.#pending.push({ op: 'read', shop: shop.id, shown: shop.shown, at: this.#now })
  }

  #ask(shop: Shop): void {
    const size = this.#int(1, 8)
    const value = shop.kind === 'delta' ? (this.#chance(0.5) ? -this.#int(1, 3) : this.#int(1, 3)) : this.#chance(0.3) ? 0 : size
    // A part of a piece cannot be asked for.
    const kind = shop.kind === 'cas' && !Number.isInteger(shop.shown) ? 'absolute' : shop.kind
    const expected = Math.floor(shop.shown)
    this.#asked.push({ shop, kind, value, expected })
    this.#pending.push({ op: 'begin', shop: shop.id, kind, value, expected, at: this.#now })
  }

  /** One request, which may be delayed, lost, or land when nobody waits for its answer any more. */
  #send(write: Write): void {
    const { shop } = write
    const out = { since: this.#now }
    shop.out = out
    const delay = this.#chance(0.12) ? this.#int(4, TMAX - 1) : this.#int(0, 4)
    const answer = (said: string): void => {
      if (shop.out !== out) return
      delete shop.out
      if (said === 'unknown') this.#count.unanswered += 1
      this.#pending.push({ op: 'answer', shop: shop.id, said, at: this.#now })
    }
    if (!this.#chance(0.1))
      this.#later(delay, () => {
        const said = apply(write)
        if (this.#world.twice === true && this.#chance(0.15)) this.#later(this.#int(0, Math.max(0, TMAX - 1 - delay)), () => void apply(write))
        if (this.#chance(0.85)) this.#later(this.#int(0, 3), () => answer(said))
      })
    this.#later(6, () => answer('unknown'))
  }

  /** Processes die: what was on the wire stays there, and its answer reaches nobody; when its lease is over it is in doubt. */
  #crash(): void {
    this.#count.crashes += 1
    for (const shop of this.#shops) {
      if (shop.out === undefined) continue
      const out = { since: shop.out.since }
      shop.out = out
      this.#later(LEASE, () => {
        if (shop.out !== out) return
        delete shop.out
        this.#count.unanswered += 1
        this.#pending.push({ op: 'answer', shop: shop.id, said: 'unknown', at: this.#now })
      })
    }
  }

  #buy(shop: Shop, quantity: number): void {
    if (shop.shown < quantity) return
    shop.shown -= quantity
    this.#live += quantity * shop.per
    this.#count.sold += quantity * shop.per
    this.#count.orders += 1
    const late = this.#chance(this.#world.late ?? 0) ? this.#int(LAG + 1, 40) : this.#int(0, LAG)
    shop.sales.push({ id: shop.sales.length, quantity, at: this.#now + shop.skew, visible: this.#now + late })
    if (this.#live > this.#stock) this.#oversold = true
  }
  #cancel(shop: Shop): void {
    const open = shop.sales.filter((sale) => !sale.cancel)
    const sale = open[this.#int(0, Math.max(0, open.length - 1))]
    if (!sale) return
    sale.cancel = {
      at: this.#now + shop.skew,
      visible: Math.max(sale.visible, this.#now + this.#int(0, this.#world.slowCancels === true ? 40 : LAG)),
    }
    this.#live -= sale.quantity * shop.per
    this.#count.cancels += 1
    if (shop.restocks) shop.shown += sale.quantity
  }
  #arrive(quantity: number): void {
    this.#stock += quantity
    this.#pending.push({ op: 'arrive', sku: this.sku, quantity })
  }
  #see(shop: Shop, sale: Sale): void {
    const gone = sale.cancel !== undefined && sale.cancel.visible <= this.#now ? sale.cancel : undefined
    this.#pending.push({
      op: 'seen',
      sku: this.sku,
      per: shop.per,
      shop: shop.id,
      order: String(sale.id),
      quantity: sale.quantity,
      at: sale.at,
      cancelled: gone ? sale.quantity : 0,
      cancelled_at: gone?.at ?? null,
    })
  }

  #goodsOf = (per: number): string => (per === 1 ? this.sku : `${this.sku}x${per}`)
  #believed = (shop: Shop): boolean => shop.restocks && this.#world.blind !== true
  #later = (delay: number, run: () => void): void => void this.#net.push({ at: this.#now + delay, run })
  #chance = (part: number): boolean => this.#rnd() < part
  #int = (from: number, to: number): number => from + Math.floor(this.#rnd() * (to - from + 1))
  #shuffled = <T>(all: readonly T[]): readonly T[] =>
    all
      .map((one) => [this.#rnd(), one] as const)
      .sort(([a], [b]) => a - b)
      .map(([, one]) => one)
}

/** What the channel does with a write. */
function apply({ shop, kind, value, expected }: Write): string {
  if (kind === 'absolute') shop.shown = value
  else if (kind === 'cas') {
    if (shop.shown !== expected) return 'refused'
    shop.shown = value
  } else {
    if (shop.shown + value < 0) return 'refused'
    shop.shown += value
  }
  return 'applied'
}
