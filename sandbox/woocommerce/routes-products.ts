import type { Context, Hono } from 'hono'
import { toMinor } from '../stage/decimal.ts'
import { asFlag, asList, asNumber, asRecord, asText, parseJson } from '../stage/json-input.ts'
import { moveStock } from './catalogue.ts'
import type { WooEnv } from './env.ts'
import { rawSearch, siteUrl } from './env.ts'
import { readPaging } from './list-query.ts'
import type { WooProduct } from './model.ts'
import { sendPage } from './paging.ts'
import type { PhpQuery } from './php-query.ts'
import { listParam, parsePhpQuery } from './php-query.ts'
import { productDocument, stockStatus } from './product-document.ts'
import { tooMany } from './routes-orders.ts'
import type { WooShop } from './shop.ts'
import type { WpError } from './wp-response.ts'
import { errorBody, invalidParam, wpError, wpFail, wpJson } from './wp-response.ts'

const products = '/wp-json/wc/v3/products'
const one = `${products}/:id{[0-9]+}`
const variations = `${one}/variations`

/** `/products`, `/products/{id}/variations` and their batches. */
export function productRoutes(app: Hono<WooEnv>, shop: WooShop): void {
  app.get(products, (c) => listProducts(shop, c, (product) => product.type !== 'variation'))
  app.on(['POST', 'PUT', 'PATCH'], `${products}/batch`, async (c) => batch(shop, c, parseJson(await c.req.text()), 0))
  app.get(one, (c) => read(shop, c, Number(c.req.param('id')), 0))
  app.on(['PUT', 'POST', 'PATCH'], one, async (c) =>
    write(shop, c, { id: Number(c.req.param('id')), parentId: 0, input: parseJson(await c.req.text()) }),
  )
  app.get(variations, (c) => {
    const parent = Number(c.req.param('id'))
    return listProducts(shop, c, (product) => product.parentId === parent)
  })
  app.on(['POST', 'PUT', 'PATCH'], `${variations}/batch`, async (c) => batch(shop, c, parseJson(await c.req.text()), Number(c.req.param('id'))))
  app.get(`${variations}/:vid{[0-9]+}`, (c) => read(shop, c, Number(c.req.param('vid')), Number(c.req.param('id'))))
  app.on(['PUT', 'POST', 'PATCH'], `${variations}/:vid{[0-9]+}`, async (c) =>
    write(shop, c, { id: Number(c.req.param('vid')), parentId: Number(c.req.param('id')), input: parseJson(await c.req.text()) }),
  )
}

function listProducts(shop: WooShop, c: Context<WooEnv>, belongs: (product: WooProduct) => boolean): Response {
  const query = parsePhpQuery(rawSearch(c))
  const paging = readPaging(query)
  if ('code' in paging) return wpFail(paging)
  const skus = listParam(query, 'sku')
  // A lookup by sku also finds variations; a plain list does not.
  const chosen = [...shop.products.values()].filter(
    (product) => (skus ? skus.includes(product.sku) : belongs(product)) && matches(shop, product, query),
  )
  const orderby = query.get('orderby') ?? 'date'
  const key = ORDERINGS[orderby]
  if (!key) return wpFail(invalidParam({ orderby: `orderby is not one of ${Object.keys(ORDERINGS).join(', ')}.` }))
  const down = (query.get('order') ?? 'desc') === 'desc' ? -1 : 1
  const home = siteUrl(shop, c)
  return sendPage({
    shop,
    c,
    paging,
    all: chosen.toSorted((a, b) => down * (compare(key(a), key(b)) || a.id - b.id)),
    render: (product) => productDocument(shop, product, home),
  })
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

const ORDERINGS: Readonly<Record<string, (product: WooProduct) => string | number>> = {
  date: ({ createdAt }) => createdAt,
  id: ({ id }) => id,
  include: ({ id }) => id,
  modified: ({ modifiedAt }) => modifiedAt,
  price: ({ priceMinor }) => priceMinor,
  slug: ({ id }) => id,
  title: ({ name }) => name.toLowerCase(),
}

function matches(shop: WooShop, product: WooProduct, query: PhpQuery): boolean {
  const include = listParam(query, 'include')
  const after = query.get('modified_after')
  const search = query.get('search')?.toLowerCase()
  const type = query.get('type')
  const [exclude, before] = [listParam(query, 'exclude') ?? [], query.get('modified_before')]
  const at = (text: string | undefined, none: number): number =>
    (text === undefined ? none : shop.time.parse(text, query.get('dates_are_gmt') === 'true')) ?? none
  const status = query.get('status') ?? 'any'
  const stock = query.get('stock_status')
  return (
    (!include || include.includes(String(product.id))) &&
    !exclude.includes(String(product.id)) &&
    product.modifiedAt > at(after, -Infinity) &&
    product.modifiedAt < at(before, Infinity) &&
    (status === 'any' || status === 'publish') &&
    (stock === undefined || stock === stockStatus(product)) &&
    (!search || product.name.toLowerCase().includes(search)) &&
    (type === undefined || type === product.type)
  )
}

function invalidProduct(parentId: number, status: 400 | 404): WpError {
  return wpError(`woocommerce_rest_product${parentId ? '_variation' : ''}_invalid_id`, 'Invalid ID.', status)
}

function find(shop: WooShop, id: number, parentId: number): WooProduct | undefined {
  const product = shop.products.get(id)
  return product && product.parentId === parentId ? product : undefined
}

function read(shop: WooShop, c: Context<WooEnv>, id: number, parentId: number): Response {
  // A variation answers on the product route too.
  const product = find(shop, id, parentId) ?? (parentId === 0 ? shop.products.get(id) : undefined)
  if (!product) return wpFail(invalidProduct(parentId, 404))
  c.set('returned', [String(product.id)])
  return wpJson(productDocument(shop, product, siteUrl(shop, c)))
}

interface Write {
  readonly id: number
  readonly parentId: number
  readonly input: unknown
}

function write(shop: WooShop, c: Context<WooEnv>, write: Write): Response {
  const result = update(shop, write)
  if ('code' in result) return wpFail(result)
  c.set('returned', [String(result.id)])
  return wpJson(productDocument(shop, result, siteUrl(shop, c)))
}

function update(shop: WooShop, { id, parentId, input }: Write): WooProduct | WpError {
  const product = find(shop, id, parentId)
  if (!product) return invalidProduct(parentId, 400)
  const body = asRecord(input)
  const wanted = body['stock_quantity']
  if (wanted !== undefined && shop.refusedSkus.has(product.sku)) {
    return wpError('woocommerce_product_stock_locked', 'The stock of this product is kept by another plugin.', 400)
  }
  if (wanted !== undefined && wanted !== null && asNumber(wanted) === undefined) {
    return wpError('rest_invalid_param', 'Invalid parameter(s): stock_quantity', 400, {
      params: { stock_quantity: 'stock_quantity is not of type integer.' },
    })
  }
  product.manageStock = asFlag(body['manage_stock']) ?? product.manageStock
  product.name = asText(body['name']) ?? product.name
  product.sku = asText(body['sku']) ?? product.sku
  const price = asText(body['regular_price'])
  if (price !== undefined) product.priceMinor = toMinor(price, shop.settings.digits)
  setStock(shop, product, body)
  return product
}

/** An absolute quantity or a difference; both are silently ignored while the shop does not count the product. */
function setStock(shop: WooShop, product: WooProduct, body: Readonly<Record<string, unknown>>): void {
  if (!product.manageStock) {
    product.stock = null
    return
  }
  const absolute = asNumber(body['stock_quantity'])
  const difference = asNumber(body['inventory_delta'])
  if (absolute !== undefined) moveStock(shop, product, { to: Math.trunc(absolute), cause: 'set', by: 'api' })
  else if (difference !== undefined) moveStock(shop, product, { to: (product.stock ?? 0) + Math.trunc(difference), cause: 'delta', by: 'api' })
  else product.stock ??= 0
}

/** At most 100 objects; each object succeeds or carries its own error inside a 200. */
function batch(shop: WooShop, c: Context<WooEnv>, input: unknown, parentId: number): Response {
  const body = asRecord(input)
  const updates = asList(body['update'])
  if (updates.length + asList(body['create']).length + asList(body['delete']).length > 100) return wpFail(tooMany)
  const home = siteUrl(shop, c)
  const update_ = updates.map((item) => {
    const id = asNumber(asRecord(item)['id']) ?? 0
    const result = update(shop, { id, parentId, input: item })
    return 'code' in result ? { id, error: errorBody(result) } : productDocument(shop, result, home)
  })
  c.set(
    'returned',
    updates.map((item) => asText(asRecord(item)['id']) ?? ''),
  )
  return wpJson({ update: update_ })
}
