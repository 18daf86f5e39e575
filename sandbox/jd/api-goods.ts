import { isLocked, places, writeStock } from '../stage/market/goods.ts'
import type { Place } from '../stage/market/model.ts'
import { numberedPage } from '../stage/market/paging.ts'
import { need, whole } from './api-orders.ts'
import type { Api, Params } from './gateway.ts'
import { pick } from './views.ts'
import { invalid, JosError, long } from './wire.ts'
import type { JdShop } from './words.ts'

type Sku = Place & { readonly sku: NonNullable<Place['sku']> }

const skusOf = (shop: JdShop): readonly Sku[] =>
  places(shop)
    .flatMap((place) => (place.sku ? [{ ...place, sku: place.sku }] : []))
    .sort((a, b) => (BigInt(a.sku.id) < BigInt(b.sku.id) ? -1 : 1))

function skuOf(shop: JdShop, params: Params): Sku {
  const id = need(params, 'skuId')
  const found = skusOf(shop).find(({ sku }) => sku.id === id)
  if (!found) throw new JosError('71', '当前的ID不属于此商家', 'Id is not belong to the special vender')
  return found
}

const search: Api = (shop, params) => {
  const [page, size] = [whole(params, 'pageNo', [1, 100], 1), whole(params, 'page_size', [1, 50], 10)]
  const found = skusOf(shop)
  const { records } = numberedPage({ ...shop, troubles: { ...shop.troubles, paging: 'none' } }, found, { page, size })
  const data = records.map(({ item, sku }) =>
    pick(
      {
        wareId: long(item.id),
        skuId: long(sku.id),
        status: item.onSale ? 1 : 2,
        jdPrice: sku.priceMinor / 100,
        outerId: sku.code,
        barCode: '',
        skuName: [item.title, ...sku.options.map(({ value }) => value)].join(' '),
        wareTitle: item.title,
        stockNum: sku.stock,
      },
      `${params['field'] ?? ''},wareId,skuId`,
    ),
  )
  return { doc: { page: { data, pageNo: page, pageSize: size, totalItem: found.length } }, returned: records.map(({ sku }) => sku.id) }
}

const read: Api = (shop, params) => {
  const { sku } = skuOf(shop, params)
  return { doc: { skuStocks: [{ skuId: long(sku.id), stockNum: sku.stock, storeId: 0 }] }, returned: [sku.id] }
}

const set: Api = (shop, params) => {
  const place = skuOf(shop, params)
  const quantity = Number(need(params, 'stockNum'))
  if (!Number.isInteger(quantity) || quantity < 0) throw invalid('stockNum')
  if (isLocked(shop, place)) throw new JosError('11200031', '商品参加活动，库存锁定，不能修改', 'stock locked')
  writeStock(shop, place, quantity)
  return { doc: { success: true }, returned: [place.sku.id] }
}

export const goodsApis: Readonly<Record<string, Api>> = {
  'jingdong.sku.read.searchSkuList': search,
  'jingdong.stock.read.findSkuStock': read,
  'jingdong.stock.write.updateSkuStock': set,
  'jingdong.seller.vender.info.get': (shop) => ({
    doc: { vender_info_result: { vender_id: long(shop.settings.venderId), col_type: 0, shop_id: 1, shop_name: shop.settings.name } },
  }),
}
