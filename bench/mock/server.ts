import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { goodsSku, Levels } from './levels.ts'
import { Shop } from './shop.ts'

/**
 * The channel all programs are measured against, in a process of its own on a free port of this machine.
 *
 *   GET  /<shop>/orders.json?limit=250[&updated_at_min=TIME | &page_info=NEXT]   {orders, next, next_url} and a Link header
 *   POST /<shop>/inventory  {items: [{sku, available}]}
 *   GET  /<shop>/listings?after=0   {listings: [{sku}], next}: of shops that have goods
 *   POST /control/reset?n=20000[&shops=1]     GET /control/stats
 *   POST /control/goods?first=101&count=20&goods=10000    shops without orders that have goods; again: nothing was told yet
 *   POST /control/slow?shop=120&ms=300        its stock calls take that long
 *   POST /control/told[?sku=SKU]              what the shops with goods were told: {calls, levels, last_at, shops: [{available, at, times}]}
 *   POST /control/mutate?pct=1 | ?count=200   POST /control/add?count=500      both change shop 1, just now
 */
const { values } = parseArgs({
  options: { orders: { type: 'string', default: '20000' }, shops: { type: 'string', default: '1' }, port: { type: 'string', default: '0' } },
})

let shops = new Map<string, Shop>()
const goods = new Map<string, { readonly count: number; readonly levels: Levels; slowMs: number }>()
let stats = { requests: 0, orders: 0, inventory: 0, items: 0 }

function reset(orders: number, count: number): void {
  shops = new Map(Array.from({ length: count }, (_, at) => [String(at + 1), new Shop(orders)]))
  stats = { requests: 0, orders: 0, inventory: 0, items: 0 }
}

function answer(response: ServerResponse, status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers })
  response.end(body)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString()
}

function control(verb: string, query: URLSearchParams): object | undefined {
  const shop = shops.get('1')
  const now = new Date().toISOString()
  switch (verb) {
    case 'reset':
      reset(Number(query.get('n') ?? values.orders), Number(query.get('shops') ?? values.shops))
      return {}
    case 'stats':
      return { ...stats, orders_held: shop?.size }
    case 'mutate':
      return {
        mutated: shop?.change(Number(query.get('count') ?? Math.round(((shop.size ?? 0) * Number(query.get('pct') ?? 1)) / 100)), now),
        at: now,
      }
    case 'add':
      shop?.add(Number(query.get('count') ?? 1), now)
      return { added: Number(query.get('count') ?? 1), at: now }
    case 'goods':
      return stockShops(Number(query.get('first')), Number(query.get('count')), Number(query.get('goods')))
    case 'slow': {
      const slow = goods.get(query.get('shop') ?? '')
      if (slow) slow.slowMs = Number(query.get('ms'))
      return {}
    }
    case 'told':
      return told(query.get('sku'))
    default:
      return undefined
  }
}

function stockShops(first: number, count: number, pieces: number): object {
  for (let at = first; at < first + count; at += 1) {
    shops.set(String(at), new Shop(0))
    goods.set(String(at), { count: pieces, levels: new Levels(), slowMs: 0 })
  }
  return { shops: count }
}

function told(sku: string | null): object {
  const all = [...goods.values()].map(({ levels }) => levels)
  return {
    calls: all.reduce((sum, levels) => sum + levels.calls, 0),
    levels: all.reduce((sum, levels) => sum + levels.told, 0),
    last_at: Math.max(0, ...all.map((levels) => levels.lastAt)),
    shops: sku === null ? [] : all.flatMap((levels) => levels.of(sku) ?? []),
  }
}

const PAGE = 1000

function listings(name: string, query: URLSearchParams, response: ServerResponse): void {
  const count = goods.get(name)?.count ?? 0
  const after = Number(query.get('after') ?? 0)
  const end = Math.min(count, after + PAGE)
  const page = Array.from({ length: Math.max(0, end - after) }, (_, at) => ({ sku: goodsSku(after + at) }))
  answer(response, 200, JSON.stringify({ listings: page, next: end < count ? end : null }))
}

function orders(shop: Shop, name: string, query: URLSearchParams, host: string, response: ServerResponse): void {
  const limit = Math.min(250, Number(query.get('limit') ?? 250))
  const [after, from] = [query.get('page_info'), query.get('updated_at_min')]
  const urlOf = (next: string): string => `http://${host}/${name}/orders.json?limit=${limit}&page_info=${next}`
  const page = shop.page({ limit, ...(after !== null && { after }), ...(from !== null && { from }) }, urlOf)
  stats.orders += page.count
  answer(response, 200, page.body, page.next === null ? {} : { link: `<${urlOf(page.next)}>; rel="next"` })
}

async function inventory(shop: Shop, name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const sent: unknown = JSON.parse(await bodyOf(request))
  const items: readonly unknown[] = typeof sent === 'object' && sent !== null && 'items' in sent && Array.isArray(sent.items) ? sent.items : []
  const levels = items.flatMap((item) =>
    typeof item === 'object' && item !== null && 'sku' in item && 'available' in item
      ? [{ sku: String(item.sku), available: Number(item.available) }]
      : [],
  )
  for (const { sku, available } of levels) shop.levels.set(sku, available)
  const stocked = goods.get(name)
  if (stocked && stocked.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, stocked.slowMs))
  stocked?.levels.take(levels, performance.timeOrigin + performance.now())
  stats.inventory += 1
  stats.items += items.length
  answer(response, 200, '{"ok":true}')
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://mock')
  const [, name = '', verb = ''] = url.pathname.split('/')
  if (name === 'control') {
    const said = control(verb, url.searchParams)
    return answer(response, said ? 200 : 404, JSON.stringify(said ?? {}))
  }
  const shop = shops.get(name)
  if (!shop) return answer(response, 404, '{"errors":"no such shop"}')
  stats.requests += 1
  if (request.method === 'GET' && verb === 'orders.json') return orders(shop, name, url.searchParams, request.headers.host ?? '', response)
  if (request.method === 'GET' && verb === 'listings') return listings(name, url.searchParams, response)
  if (request.method === 'POST' && verb === 'inventory') return inventory(shop, name, request, response)
  return answer(response, 404, '{"errors":"not found"}')
}

reset(Number(values.orders), Number(values.shops))
const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => answer(response, 500, JSON.stringify({ errors: String(error) })))
})
server.listen(Number(values.port), '127.0.0.1', () => process.stdout.write(`ready http://127.0.0.1:${portOf(server.address())}\n`))
process.on('SIGTERM', () => process.exit(0))
// Whoever started it is gone, however it went.
process.stdin.resume().on('end', () => process.exit(0))

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('The mock listens on no port.')
  return address.port
}
