import { asList, asNumber, asRecord, asText, type JsonRecord } from '../stage/json-input.ts'
import { isLocked, writeStock } from '../stage/market/goods.ts'
import type { MarketItem, MarketSku } from '../stage/market/model.ts'
import { numberedPage } from '../stage/market/paging.ts'
import type { Api } from './gateway.ts'
import type { DouyinShop } from './words.ts'
import { failed, int, invalid, missing, seconds } from './wire.ts'

function listV2(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const [page, size] = [asNumber(input['page']) ?? 1, asNumber(input['size']) ?? 10]
  if (page < 1 || size < 1 || size > 100 || page * size > 10_000) throw invalid('2010001', 'page*size最大不能超过1万条')
  const { records, total } = numberedPage(shop, [...shop.items.values()], { page, size })
  const data = records.map((item) => ({
    product_id: int(item.id),
    status: item.onSale ? 0 : 1,
    check_status: 3,
    name: item.title,
    product_type: 0,
    create_time: seconds(item.createdAt),
    update_time: seconds(item.modifiedAt),
    outer_product_id: item.code,
  }))
  return { data: { data, total, page, size }, returned: records.map(({ id }) => id) }
}

function itemOf(shop: DouyinShop, input: JsonRecord): MarketItem {
  const id = asText(input['product_id']) ?? ''
  if (id === '') throw missing('2010004', '参数缺失')
  const item = shop.items.get(id)
  if (!item) throw failed('2010058', '商品不存在或已彻底删除')
  return item
}

function skuList(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const item = itemOf(shop, input)
  const data = item.skus.map((sku) => ({
    id: int(sku.id),
    product_id: int(item.id),
    product_id_str: item.id,
    code: sku.code,
    out_sku_id: 0,
    sku_type: 0,
    price: sku.priceMinor,
    stock_num: sku.stock,
    prehold_stock_num: 0,
    spec_detail_name1: sku.options[0]?.value ?? '',
    spec_detail_name2: '',
    spec_detail_name3: '',
    sell_properties: sku.options.map(({ value }) => ({ value_name: value })),
    create_time: seconds(item.createdAt),
  }))
  return { data, returned: [item.id] }
}

interface Level {
  readonly sku: MarketSku
  readonly quantity: number
}

function levelOf(item: MarketItem, input: JsonRecord): Level {
  const id = asText(input['sku_id']) ?? ''
  const sku = item.skus.find((each) => each.id === id)
  if (!sku) throw invalid('5', `sku_id: ${id}, 找不到对应的sku`)
  const quantity = asNumber(input['stock_num'])
  if (quantity === undefined || !Number.isInteger(quantity)) throw missing('2010004', '参数缺失')
  return { sku, quantity }
}

/** All of them or none. */
function setLevels(shop: DouyinShop, item: MarketItem, levels: readonly Level[], input: JsonRecord): ReturnType<Api> {
  const relative = input['incremental'] === true
  const key = asText(input['idempotent_id']) ?? ''
  if (relative && key === '') throw missing('2010004', '参数缺失')
  if (relative && shop.answered.has(`stock/${key}`)) throw invalid('40010', '[idempotent_id]重复，操作已执行')
  for (const { sku, quantity } of levels) {
    if (isLocked(shop, { item, sku })) throw failed('2010045', '商品正在参加平台活动，无法修改库存')
    if ((relative ? sku.stock + quantity : quantity) < 0) throw failed('2010012', '更新库存数失败: 库存不足')
  }
  for (const { sku, quantity } of levels) writeStock(shop, { item, sku }, quantity, relative ? 'delta' : 'set')
  if (relative) shop.answered.set(`stock/${key}`, {})
  return { data: {}, returned: levels.map(({ sku }) => `${item.id}:${sku.id}`) }
}

function syncStock(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const item = itemOf(shop, input)
  return setLevels(shop, item, [levelOf(item, input)], input)
}

function syncStockBatch(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const item = itemOf(shop, input)
  const levels = asList(input['sku_sync_list']).map((each) => levelOf(item, asRecord(each)))
  if (levels.length === 0) throw missing('2010004', '参数缺失')
  return setLevels(shop, item, levels, input)
}

export const productApis: Readonly<Record<string, Api>> = {
  'product.listV2': listV2,
  'sku.list': skuList,
  'sku.syncStock': syncStock,
  'sku.syncStockBatch': syncStockBatch,
}
