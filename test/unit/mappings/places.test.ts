import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { mappings } from '../../../mappings/index.ts'
import type { MapContext } from '../../../src/core/mapping.ts'
import { overridesFrom } from '../../../src/core/overrides.ts'
import { parseJson } from '../../../src/kit/json.ts'
import { locationOf, placeOrder } from '../../../src/normalize/places.ts'
import { plainOrder } from '../../support/builders.ts'

const order = plainOrder({ no: '1', at: '2026-11-01T00:00:00Z' })
const [plainLine = expect.fail('An order has a line.')] = order.lines
const context: MapContext = { connectionId: 'c_1', timezone: 'UTC', currency: 'CNY', config: {} }
const named = (channel: string, doc: unknown) => mappings.get(channel)?.places?.of(doc, order)
const shopify = (name: string): unknown =>
  parseJson(readFileSync(new URL(`../../../connectors/shopify/fixtures/${name}.json`, import.meta.url), 'utf8'))
const placeRules = (places: Readonly<Record<string, string>>) =>
  overridesFrom(
    1,
    Object.entries(places).map(([from, to], i) => ({ id: i, kind: 'place' as const, field: '', entity: '', from, to })),
  )

it('reads the places orders name in each channel that says them, each once', () => {
  expect(named('shopify', shopify('two-places'))).toEqual([
    { id: '1', name: 'North' },
    { id: '2', name: 'South' },
  ])
  const status = (word: string) => ({ fulfillmentOrders: { nodes: [{ status: word, assignedLocation: { name: 'Gone', location: null } }] } })
  expect([named('shopify', status('OPEN')), named('shopify', status('CANCELLED'))]).toEqual([[{ id: 'Gone', name: 'Gone' }], []])
  expect(named('square', { order: { location_id: 'L1' } })).toEqual([{ id: 'L1' }])
  expect(named('youzan', { full_order_info: { order_info: { node_kdt_id: 77, shop_name: '西湖店' } } })).toEqual([{ id: '77', name: '西湖店' }])
  expect(named('youzan', { full_order_info: { order_info: { node_kdt_id: 0 } } })).toEqual([])
  expect(named('loyverse', { store_id: 's-1' })).toEqual([{ id: 's-1' }])
  expect(named('tiktok-shop', { warehouse_id: '6955' })).toEqual([{ id: '6955' }])
  expect(
    named('lazada', { order: { warehouse_code: 'W' }, order_items: [{ warehouse_code: 'A' }, { warehouse_code: 'B' }, { warehouse_code: 'A' }] }),
  ).toEqual([{ id: 'A' }, { id: 'B' }])
  // Which line is where, where every line says it; units of one line may be at two.
  const twoLines = { ...order, lines: [{ ...plainLine, lineNo: 1, channelLineNo: '11' }, { ...plainLine, lineNo: 2, channelLineNo: '12' }] } // prettier-ignore
  const namedOf = (channel: string, doc: unknown) => mappings.get(channel)?.places?.of(doc, twoLines)
  const unit = (id: string, sku: string, warehouse: string) => ({ order_item_id: id, sku_id: sku, warehouse_code: warehouse })
  expect(namedOf('lazada', { order_items: [unit('11', 'S', 'A'), unit('12', 'T', 'B'), unit('13', 'S', 'A'), unit('14', 'T', 'A')] })).toEqual([
    { id: 'A', lines: ['11', '12'] },
    { id: 'B', lines: ['12'] },
  ])
  const stored = (id: string, store: string) => ({ sku_order_id: id, store_info: { store_id: store } })
  expect(namedOf('douyin', { sku_order_list: [stored('11', '7'), stored('12', '9')] })).toEqual([{ id: '7', lines: ['11'] }, { id: '9', lines: ['12'] }]) // prettier-ignore
  const placed = placeOrder({ channel: 'd', version: 1, map: () => ({ kind: 'order' as const, order }), places: { of: () => [{ id: '7', lines: ['11', '12'] }, { id: '9', lines: ['12'] }] } }, twoLines, {}, { ...context, overrides: placeRules({ 7: 'main', 9: 'east' }) }) // prettier-ignore
  expect(placed?.bound).toEqual([{ id: '7', lines: [1, 2], location: 'main' }, { id: '9', lines: [2], location: 'east' }]) // prettier-ignore
  expect(placed && [locationOf(placed, 1), locationOf(placed, 2), locationOf(placed, 3)]).toEqual(['main', undefined, undefined])
  expect(named('lazada', { order: { warehouse_code: 'W' }, order_items: [{}] })).toEqual([{ id: 'W' }])
  expect(named('douyin', { sku_order_list: [{ store_info: { store_id: '9' } }, {}] })).toEqual([{ id: '9' }])
  expect(mappings.get('rest')?.places?.of({}, { ...order, extra: { place: ' till 4 ' } })).toEqual([{ id: 'till 4' }])
})

it('binds by rule or by the setting that chooses a place for levels, and says which is bound by neither', () => {
  const { places } = mappings.get('shopify') ?? {}
  const mapping = { channel: 'shopify', version: 1, map: () => ({ kind: 'order' as const, order }), ...(places && { places }) }
  const doc = shopify('two-places')
  expect(placeOrder(mapping, order, doc, context)).toBeUndefined()
  expect(placeOrder(mapping, order, doc, { ...context, config: { locationId: 'gid://shopify/Location/2' } })).toEqual({
    bound: [{ id: '2', name: 'South', location: null }],
    unbound: [{ id: '1', name: 'North' }],
  })
  const rules = (given: Readonly<Record<string, string>>) => placeOrder(mapping, order, doc, { ...context, overrides: placeRules(given) })
  const at = (given: Readonly<Record<string, string>>) => {
    const placed = rules(given)
    return placed && locationOf(placed, 1)
  }
  expect([at({ 1: 'north', 2: 'south' }), at({ 1: 'all', 2: 'all' }), at({ 1: 'north' })]).toEqual([undefined, 'all', undefined])
  expect(rules({ 1: 'north' })?.unbound).toEqual([{ id: '2', name: 'South' }])
  // A name every object answers to is bound to nothing.
  expect(
    placeOrder({ ...mapping, places: { of: () => [{ id: 'constructor' }] } }, order, {}, { ...context, overrides: placeRules({ 1: 'a' }) })?.unbound,
  ).toHaveLength(1)
})
