import type { Desk } from './desk.ts'
import type { Hub, Shop } from './mending.ts'
import { eventually, orderFrom, placeIn } from './mending.ts'

/** What goes wrong at the shops, and how a person mends it. */
export interface Day {
  readonly hub: Hub
  readonly desk: Desk
  readonly shop: (name: string) => Shop
}
/** Answers what went through again by it. */
type Play = (day: Day) => Promise<string>
interface Cause {
  readonly name: string
  readonly play: Play
  /** It is one of the mappings a person chooses a target for. */
  readonly mapping?: true
}

const value = { en: 'Choose a value', zh: '选择一个值' }
const readAs = { en: 'Read as', zh: '理解为' }
const ruleAndReplay = { en: 'Save rule and replay', zh: '保存规则并重放' }

/** A product of the shop that nobody here knows is sold. */
async function unboundSku({ hub, desk, shop }: Day): Promise<string> {
  const woo = shop('woo-eu')
  const [ours, theirs] = [`MEND-${Date.now()}`, `KETTLE-${Date.now()}`]
  await hub.call('POST', '/v1/skus', { items: [{ sku: ours, title: 'Mended kettle' }] })
  await woo.pull('add-product', { sku: theirs, name: 'Kettle, new', priceMinor: 2500, stock: 50 })
  const placed = await woo.pull('shop', { lines: [{ sku: theirs, quantity: 1 }] })
  await hub.call('POST', `/v1/connections/${woo.connection}/listings/refresh`, {})
  const order = await hub.orderOf(woo.connection, placed)
  await desk.openGroup({ code: 'sku-unbound', subject: theirs, shop: woo })
  await desk.choose({ en: '1 · Choose the SKU', zh: '1 · 选择 SKU' }, ours)
  await desk.shot('sku')
  await desk.press({ en: 'Bind and replay', zh: '绑定并重放' })
  const done = await hub.resolved('sku-unbound', theirs)
  await eventually(`${order} is bound`, async () => {
    const { lines }: { readonly lines: readonly { readonly sku: string | null }[] } = await hub.call('GET', `/v1/orders/${order}`)
    return lines.every((line) => line.sku === ours)
  })
  return done
}

/** Gives the word of a cause the meaning of a known one, and looks that the order keeps the channel's own. */
async function giveMeaning(
  { hub, desk }: Day,
  woo: Shop,
  { word, to, order }: { readonly word: string; readonly to: string; readonly order: string },
): Promise<string> {
  await desk.openGroup({ code: 'status-unmapped', subject: word, shop: woo })
  await desk.choose({ en: '1 · Choose what the word means', zh: '1 · 选择这个词的含义' }, to)
  await desk.shot(`word-${woo.name}`)
  await desk.press(ruleAndReplay)
  const done = await hub.resolved('status-unmapped', word)
  const id = await hub.orderOf(woo.connection, order)
  await eventually(`${order} stands under ${word}`, async () => (await hub.call('GET', `/v1/orders/${id}`)).doc.source_status === word)
  return done
}

/** A plugin of the shop makes up a status. */
async function unmappedStatus(day: Day): Promise<string> {
  const woo = day.shop('woo-eu')
  const word = `packed-${Date.now() % 1_000_000}`
  const orders = [await woo.pull('shop', {}), await woo.pull('shop', {})]
  for (const orderId of orders) await woo.pull('set-status', { orderId, status: word })
  return giveMeaning(day, woo, { word, to: 'processing', order: orders[1] ?? '' })
}

/** A marketplace adds a value to a list that was closed until today. */
async function newEnumValue(day: Day): Promise<string> {
  const taobao = day.shop('taobao-cn')
  const word = `WAIT_ROBOT_PACKS_${Date.now() % 1_000_000}`
  const order = await taobao.pull('shop', {})
  await taobao.pull('set-status', { orderId: order, status: word })
  return giveMeaning(day, taobao, { word, to: 'WAIT_SELLER_SEND_GOODS', order })
}

/** The ERP ships with a carrier the channel has no code for. */
async function unmappedCarrier({ hub, desk, shop }: Day): Promise<string> {
  const taobao = shop('taobao-cn')
  const number = `DPD${Date.now()}`
  // Nobody has mended it yet: what an earlier day decided is taken back.
  const { items }: { readonly items: readonly { readonly id: string; readonly kind: string }[] } = await hub.call(
    'GET',
    `/v1/overrides?connection=${taobao.connection}&state=active`,
  )
  for (const rule of items) if (rule.kind === 'carrier') await hub.call('POST', `/v1/overrides/${rule.id}/end`, { reason: 'another day' })
  const order = await hub.orderOf(taobao.connection, await taobao.pull('shop', {}))
  await hub.ship(order, 'DPD', number)
  await desk.openGroup({ code: 'carrier-unknown', subject: 'DPD', shop: taobao })
  await desk.choose({ en: 'Carrier', zh: '快递公司' }, 'ZTO')
  await desk.shot('carrier')
  await desk.press({ en: 'Save rule and send', zh: '保存规则并重发' })
  const done = await hub.resolved('carrier-unknown', 'DPD', taobao.connection)
  await hub.told(taobao, order, number)
  return done
}

/** The seller opens a second warehouse: which one are our numbers for? */
async function unmappedLocation({ hub, desk, shop }: Day): Promise<string> {
  const shopify = shop('shopify-us')
  const path = `/v1/connections/${shopify.connection}`
  await shopify.pull('add-location', { name: 'Warehouse 2', stock: 5 })
  const { config, version } = await hub.connection(shopify.connection)
  const { locationId: _chosen, ...rest } = config
  await hub.call('PATCH', path, { config: rest }, { 'if-match': `"${version}"` })
  const job = await hub.call('POST', `${path}/listings/refresh`, {})
  await eventually('the listings are read', async () => (await hub.call('GET', `/v1/jobs/${job.id}`)).state === 'done')
  await hub.arm(shopify.connection, 'stock')
  const { items }: { readonly items: readonly { readonly sku: string | null }[] } = await hub.call(
    'GET',
    `/v1/listings?connection=${shopify.connection}&limit=50`,
  )
  const sku = items.find((listing) => listing.sku !== null)?.sku ?? ''
  const left = 7 + (Date.now() % 40)
  await hub.call('POST', '/v1/stock', {
    items: [{ sku, location: 'main', on_hand: String(left), as_of: new Date().toISOString(), ref: `mend-${Date.now()}` }],
  })
  await desk.openGroup({ code: 'location-ambiguous', shop: shopify })
  await desk.choose({ en: '1 · Choose the place', zh: '1 · 选择地点' }, 'Warehouse 1')
  await desk.shot('place')
  await desk.press({ en: 'Save place and send', zh: '保存地点并重发' })
  const done = await hub.resolved('location-ambiguous', undefined, shopify.connection)
  const chosen = (await hub.connection(shopify.connection)).config['locationId']
  if (chosen !== '90000001') throw new Error(`the numbers are for ${String(chosen)}`)
  return done
}

/** The seller sells from two warehouses, and only the second is known to be one of ours: where do goods of the first come from? */
async function unboundPlace({ hub, desk, shop }: Day): Promise<string> {
  const shopify = shop('shopify-us')
  const first = '90000001'
  const second = await shopify.pull('add-location', { name: 'Warehouse 2', stock: 5 })
  const levelsFor = async (locationId: string): Promise<void> => {
    const { config, version } = await hub.connection(shopify.connection)
    const changed = { config: { ...config, locationId } }
    await hub.call('PATCH', `/v1/connections/${shopify.connection}`, changed, { 'if-match': `"${version}"` })
  }
  // What an earlier day decided is taken back, while the setting binds the first.
  await levelsFor(first)
  const { items }: { readonly items: readonly { readonly id: string; readonly kind: string }[] } = await hub.call(
    'GET',
    `/v1/overrides?connection=${shopify.connection}&state=active`,
  )
  for (const rule of items) if (rule.kind === 'place') await hub.call('POST', `/v1/overrides/${rule.id}/end`, { reason: 'another day' })
  await levelsFor(second)
  // Warehouses of other causes and of earlier days are known, too.
  for (let id = Number(first) + 1; id < Number(second); id += 1) {
    const known = { kind: 'place', connection: shopify.connection, from: String(id), to: 'main', reason: 'a known warehouse' }
    await hub.call('POST', '/v1/overrides', known)
  }
  const order = await orderFrom(hub, shopify, first)
  await desk.openGroup({ code: 'location-unmapped', subject: first, shop: shopify })
  await desk.choose({ en: '1 · Choose which of our places it is', zh: '1 · 选择对应的我方地点' }, 'main')
  await desk.shot('bind-place')
  await desk.press(ruleAndReplay)
  const done = await hub.resolved('location-unmapped', first, shopify.connection)
  await eventually(`${order} takes its goods from main`, async () => {
    const { doc, holds } = await hub.call('GET', `/v1/orders/${order}`)
    const waits = holds.some((hold: { readonly code: string; readonly detail: string }) => hold.code === 'location-unmapped' && hold.detail === first)
    return placeIn(doc, first)?.location === 'main' && !waits
  })
  return done
}

/** The number does not look like one of the carrier. */
async function refusedNumber({ hub, desk, shop }: Day): Promise<string> {
  const taobao = shop('taobao-cn')
  const order = await hub.orderOf(taobao.connection, await taobao.pull('shop', {}))
  await hub.ship(order, 'YTO', `X${Date.now() % 100_000}`)
  await desk.openGroup({ code: 'B60', shop: taobao })
  // The channel's own sentence, not its code, is what the person reads first.
  await desk.page.getByRole('heading', { name: '运单号不符合规则' }).waitFor()
  await desk.enter(desk.page.getByRole('textbox', { name: desk.word('Tracking no.', '运单号') }).first())
  const number = `YT${Date.now()}`
  await desk.write(number)
  await desk.shot('refused')
  await desk.press({ en: 'Correct and send', zh: '更正并发送' })
  const done = await hub.resolved('B60', undefined, taobao.connection)
  await hub.told(taobao, order, number)
  return done === '' ? '1 sent again' : done
}

/** The channel takes the package and its answer is lost: it is read back, and never told twice. */
async function shipmentInDoubt({ hub, desk, shop }: Day): Promise<string> {
  const taobao = shop('taobao-cn')
  const number = `YT${Date.now()}`
  const order = await hub.orderOf(taobao.connection, await taobao.pull('shop', {}))
  await taobao.pull('fault', { kind: 'accept-then-drop', times: 1, match: { body: number } })
  await hub.ship(order, 'YTO', number)
  await hub.told(taobao, order, number)
  await desk.look(`/orders/${order}`, 'doubt', number)
  return 'by itself: read back'
}

/** The session of the seller ends as all do; the hub gets itself another. */
async function expiredToken({ hub, desk, shop }: Day): Promise<string> {
  const douyin = shop('douyin-cn')
  await douyin.pull('expire-tokens', {})
  await hub.orderOf(douyin.connection, await douyin.pull('shop', {}))
  if ((await hub.connection(douyin.connection)).state !== 'active') throw new Error('the connection stopped')
  await desk.look(`/connections/${douyin.connection}`, 'expired', douyin.title)
  return 'by itself: renewed'
}

/** The shop takes the key away, and somebody gives it back. */
async function revokedToken({ hub, desk, shop }: Day): Promise<string> {
  const woo = shop('woo-cn')
  await woo.pull('fault', { kind: 'unauthorized' })
  await hub.call('POST', `/v1/connections/${woo.connection}/pull`, {})
  await eventually('the connection asks for access', async () => (await hub.connection(woo.connection)).state === 'needs-auth')
  await desk.openGroup({ code: 'unauthorized', shop: woo })
  const missed = await woo.pull('shop', {})
  await woo.pull('clear-faults', {})
  await desk.enter(desk.page.locator('.failure-detail input[type=password]').first())
  await desk.write('ck_sandbox')
  await desk.enter(desk.page.locator('.failure-detail input[type=password]').nth(1))
  await desk.page.keyboard.type('cs_sandbox')
  await desk.shot('access')
  await desk.press({ en: 'Save and try', zh: '保存并检测' })
  await eventually('the connection works', async () => (await hub.connection(woo.connection)).state === 'active')
  await hub.resolved('unauthorized', undefined, woo.connection)
  await hub.orderOf(woo.connection, missed)
  return 'reading goes on, 1 missed order read'
}

/** Writes one value of the document that waits over, with a reason, and replays. */
async function correct(
  { hub, desk }: Day,
  woo: Shop,
  given: { readonly code: string; readonly member?: string; readonly to: string },
): Promise<string> {
  if (given.member === undefined) await desk.enter(desk.page.getByRole('textbox', { name: desk.word(readAs.en, readAs.zh) }))
  else {
    await desk.choose(value, given.member)
    await desk.page.keyboard.press('Tab')
  }
  await desk.write(given.to)
  await desk.page.keyboard.type(desk.word('as the shop says by phone', '店铺电话确认'))
  await desk.shot(`value-${given.code}`)
  await desk.press(ruleAndReplay)
  return hub.resolved(given.code, undefined, woo.connection)
}

/** A plugin shows another total than the order has. */
async function totalsMismatch(day: Day): Promise<string> {
  const woo = day.shop('woo-eu')
  const orderId = await woo.pull('shop', {})
  await woo.pull('distort', { orderId, member: 'total', value: '99999.99' })
  await day.desk.openGroup({ code: 'totals-mismatch', shop: woo })
  const truth = (await woo.ask('orders')).find((order) => order.orderId === orderId)
  return correct(day, woo, { code: 'totals-mismatch', member: '/total', to: (truth.totalMinor / 100).toFixed(2) })
}

/** A member that was a text becomes a number. */
async function changedType(day: Day): Promise<string> {
  const woo = day.shop('woo-eu')
  const orderId = await woo.pull('shop', {})
  await woo.pull('distort', { orderId, member: 'date_created_gmt', value: Math.floor(Date.now() / 1000) })
  await day.hub.call('POST', `/v1/connections/${woo.connection}/pull`, {})
  await day.desk.openGroup({ code: 'time-unreadable', shop: woo })
  const done = await correct(day, woo, { code: 'time-unreadable', to: new Date().toISOString().slice(0, 19) })
  await day.hub.orderOf(woo.connection, orderId)
  return done
}

/** The shop forgets whom it tells of orders, and refuses to be reminded for a while. */
async function lostSubscription({ hub, desk, shop }: Day): Promise<string> {
  const woo = shop('woo-eu')
  await woo.pull('drop-subscriptions', {})
  await woo.pull('fault', { kind: 'unauthorized', match: { path: 'webhooks' } })
  await hub.call('POST', `/v1/connections/${woo.connection}/subscribe`, {})
  await eventually('the subscription is missed', async () => (await hub.group('open', 'unauthorized', undefined, woo.connection)) !== undefined)
  await woo.pull('clear-faults', {})
  await desk.openGroup({ code: 'unauthorized', shop: woo })
  await desk.shot('subscription')
  await desk.press({ en: 'Subscribe again', zh: '重新订阅' })
  await hub.resolved('unauthorized', undefined, woo.connection)
  return 'subscribed again'
}

export const causes: readonly Cause[] = [
  { name: 'unmapped SKU', play: unboundSku, mapping: true },
  { name: 'unmapped status', play: unmappedStatus, mapping: true },
  { name: 'unmapped carrier', play: unmappedCarrier, mapping: true },
  { name: 'unmapped location', play: unmappedLocation, mapping: true },
  { name: 'unbound place', play: unboundPlace, mapping: true },
  { name: 'token expired', play: expiredToken },
  { name: 'token revoked', play: revokedToken },
  { name: 'totals mismatch', play: totalsMismatch },
  { name: 'a field changing type', play: changedType },
  { name: 'a new enum value', play: newEnumValue },
  { name: 'shipment refused', play: refusedNumber },
  { name: 'shipment in doubt', play: shipmentInDoubt },
  { name: 'subscription lost', play: lostSubscription },
]
