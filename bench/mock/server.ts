import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { Shop } from './shop.ts'

/**
 * The channel all programs are measured against, in a process of its own on a free port of this machine.
 *
 *   GET  /<shop>/orders.json?limit=250[&updated_at_min=TIME | &page_info=NEXT]   {orders, next, next_url} and a Link header
 *   POST /<shop>/inventory  {items: [{sku, available}]}
 *   POST /control/reset?n=20000[&shops=1]     GET /control/stats
 *   POST /control/mutate?pct=1 | ?count=200   POST /control/add?count=500      both change shop 1, just now
 */
const { values } = parseArgs({ options: { orders: { type: 'string', default: '20000' }, shops: { type: 'string', default: '1' } } })

let shops = new Map<string, Shop>()
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
    default:
      return undefined
  }
}

function orders(shop: Shop, name: string, query: URLSearchParams, host: string, response: ServerResponse): void {
  const limit = Math.min(250, Number(query.get('limit') ?? 250))
  const [after, from] = [query.get('page_info'), query.get('updated_at_min')]
  const urlOf = (next: string): string => `http://${host}/${name}/orders.json?limit=${limit}&page_info=${next}`
  const page = shop.page({ limit, ...(after !== null && { after }), ...(from !== null && { from }) }, urlOf)
  stats.orders += page.count
  answer(response, 200, page.body, page.next === null ? {} : { link: `<${urlOf(page.next)}>; rel="next"` })
}

async function inventory(shop: Shop, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const sent: unknown = JSON.parse(await bodyOf(request))
  const items: readonly unknown[] = typeof sent === 'object' && sent !== null && 'items' in sent && Array.isArray(sent.items) ? sent.items : []
  for (const item of items)
    if (typeof item === 'object' && item !== null && 'sku' in item && 'available' in item) shop.levels.set(String(item.sku), Number(item.available))
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
  if (request.method === 'POST' && verb === 'inventory') return inventory(shop, request, response)
  return answer(response, 404, '{"errors":"not found"}')
}

reset(Number(values.orders), Number(values.shops))
const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => answer(response, 500, JSON.stringify({ errors: String(error) })))
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`ready http://127.0.0.1:${portOf(server.address())}\n`))
process.on('SIGTERM', () => process.exit(0))
// Whoever started it is gone, however it went.
process.stdin.resume().on('end', () => process.exit(0))

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('The mock listens on no port.')
  return address.port
}
