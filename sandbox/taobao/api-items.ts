import { isLocked, listingId, writeStock } from '../stage/market/goods.ts'
import type { MarketItem, MarketSku } from '../stage/market/model.ts'
import { asList, asNumber, asRecord, asText, parseJson } from '../stage/json-input.ts'
import type { Api } from './gateway.ts'
import { invalid, need, type Params, whole } from './lists.ts'
import { pick, propertiesOf } from './trade-view.ts'
import { int, refuse, stamp, yuan } from './wire.ts'
import type { TaobaoShop } from './words.ts'

const itemList =
  (status: 'onsale' | 'instock'): Api =>
  (shop, params) => {
    const fields = need(params, 'fields')
    const size = whole(params, 'page_size', 40, [1, 200])
    const page = whole(params, 'page_no', 1, [1, 101])
    const all = [...shop.items.values()].filter((item) => statusOf(item) === status)
    const items = all.slice((page - 1) * size, page * size)
    const doc = { total_results: all.length, ...(items.length === 0 ? {} : { items: { item: items.map((item) => itemView(item, fields)) } }) }
    return { doc, returned: items.map((item) => item.id) }
  }

const statusOf = (item: MarketItem): 'onsale' | 'instock' => (item.onSale ? 'onsale' : 'instock')

const itemView = (item: MarketItem, fields: string): unknown =>
  pick(
    {
      num_iid: int(item.id),
      title: item.title,
      price: yuan(item.priceMinor),
      num: item.stock,
      outer_id: item.code,
      approve_status: statusOf(item),
      modified: stamp(item.modifiedAt),
      ...(fields.includes('sku') && item.skus.length > 0 ? { skus: { sku: item.skus.map(skuView) } } : {}),
    },
    `${fields},skus`,
  )

const skuView = (sku: MarketSku): unknown => ({
  sku_id: int(sku.id),
  outer_id: sku.code,
  price: yuan(sku.priceMinor),
  quantity: sku.stock,
  properties_name: propertiesOf(sku),
  status: 'normal',
})

function details(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const fields = need(params, 'fields')
  const ids = need(params, 'num_iids').split(',')
  if (ids.length > 20) throw invalid('num_iids', '一次最多不超过20个')
  const items = ids.flatMap((id) => shop.items.get(id) ?? [])
  return {
    doc: items.length === 0 ? {} : { items: { item: items.map((item) => itemView(item, fields)) } },
    returned: items.map((item) => item.id),
  }
}

function one(shop: TaobaoShop, params: Params): ReturnType<Api> {
  return { doc: { item: itemView(itemOf(shop, need(params, 'num_iid')), need(params, 'fields')) } }
}

function itemOf(shop: TaobaoShop, numIid: string): MarketItem {
  const item = shop.items.get(numIid)
  if (!item) throw refuse('isv.item-not-exist', '商品不存在')
  return item
}

interface Wanted {
  readonly sku: MarketSku | undefined
  readonly quantity: number
}

/** All or nothing: the first variant that cannot be written refuses the whole call. */
function writeAll(shop: TaobaoShop, item: MarketItem, wanted: readonly Wanted[], type: string): void {
  for (const { sku, quantity } of wanted) {
    if (!Number.isInteger(quantity)) throw invalid('quantity', '必须为整数')
    if (type !== '2' && quantity < 0) throw refuse('isv.invalid-parameter:quantity', '全量更新库存不能为负数')
    if (isLocked(shop, { item, sku })) throw refuse('isv.item-update-service-error:ITEM_IS_LOCKED', '商品被锁定，不能编辑库存')
  }
  for (const { sku, quantity } of wanted) writeStock(shop, { item, sku }, quantity, type === '2' ? 'delta' : 'set')
}

function skuOf(item: MarketItem, id: string): MarketSku {
  const sku = item.skus.find((each) => each.id === id)
  if (!sku) throw refuse('isv.sku-not-exist', `SKU ${id} 不存在`)
  return sku
}

function written(item: MarketItem, skus: readonly MarketSku[]): ReturnType<Api> {
  const shown = skus.map((sku) => ({ sku_id: int(sku.id), quantity: sku.stock, modified: stamp(item.modifiedAt) }))
  const doc = { num_iid: int(item.id), num: item.stock, modified: stamp(item.modifiedAt), ...(shown.length === 0 ? {} : { skus: { sku: shown } }) }
  return { doc: { item: doc }, returned: skus.length === 0 ? [item.id] : skus.map((sku) => listingId({ item, sku })) }
}

function skusQuantity(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const item = itemOf(shop, need(params, 'num_iid'))
  const byId = params.get('skuid_quantities') ?? ''
  const pairs = (byId === '' ? need(params, 'outerid_quantities') : byId).split(';').filter((pair) => pair !== '')
  if (pairs.length > 20) throw invalid('skuid_quantities', '最多支持20个SKU同时修改')
  const wanted = pairs.flatMap((pair) => {
    const at = pair.lastIndexOf(':')
    const [name, quantity] = [pair.slice(0, at), Number(pair.slice(at + 1))]
    const skus = byId === '' ? item.skus.filter((sku) => sku.code === name) : [skuOf(item, name)]
    if (skus.length === 0) throw refuse('isv.sku-not-exist', `${name} 不存在`)
    return skus.map((sku) => ({ sku, quantity }))
  })
  writeAll(shop, item, wanted, params.get('type') ?? '1')
  return written(
    item,
    wanted.map(({ sku }) => sku),
  )
}

function itemQuantity(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const item = itemOf(shop, need(params, 'num_iid'))
  const [skuId, outerId] = [params.get('sku_id') ?? '', params.get('outer_id') ?? '']
  const sku = skuId === '' ? item.skus.find((each) => outerId !== '' && each.code === outerId) : skuOf(item, skuId)
  if (!sku && item.skus.length > 0) throw refuse('isv.invalid-parameter:sku_id', '该商品有SKU，请指定SKU')
  writeAll(shop, item, [{ sku, quantity: Number(need(params, 'quantity')) }], params.get('type') ?? '1')
  return written(item, sku ? [sku] : [])
}

function tmallQuantity(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const item = itemOf(shop, need(params, 'item_id'))
  const type = asText(asRecord(parseJson(params.get('options') ?? ''))['type']) ?? '1'
  const wanted = asList(parseJson(params.get('sku_quantities') ?? ''))
    .map(asRecord)
    .map((each) => ({ sku: skuOf(item, asText(each['sku_id']) ?? ''), quantity: asNumber(each['quantity']) ?? Number.NaN }))
  if (wanted.length === 0) writeAll(shop, item, [{ sku: undefined, quantity: Number(need(params, 'item_quantity')) }], type)
  else writeAll(shop, item, wanted, type)
  return { doc: { quantity_update_result: item.id }, returned: [item.id] }
}

export const itemApis: Readonly<Record<string, Api>> = {
  'taobao.items.onsale.get': itemList('onsale'),
  'taobao.items.inventory.get': itemList('instock'),
  'taobao.items.seller.list.get': details,
  'taobao.item.seller.get': one,
  'taobao.skus.quantity.update': skusQuantity,
  'taobao.item.quantity.update': itemQuantity,
  'tmall.item.quantity.update': tmallQuantity,
}
