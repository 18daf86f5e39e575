import type { Context } from 'hono'
import type { FaultEnv } from '../stage/faults.ts'
import { isLocked, listingId, writeStock } from '../stage/market/goods.ts'
import type { MarketItem, Place } from '../stage/market/model.ts'
import { cents, element, insides, text, TradingError, tradingAnswer, tradingError, valueOf } from './wire.ts'
import { isManaged, type EbayShop } from './words.ts'

/** Sold before anybody looked: quantities of listings count them. */
const SOLD = 7

/** The Trading API: XML in, XML out, HTTP 200 whatever happens. */
export async function trading(shop: EbayShop, c: Context<FaultEnv>): Promise<Response> {
  const name = c.req.header('x-ebay-api-call-name') ?? ''
  const now = shop.clock.now()
  try {
    const xml = await c.req.text()
    if (!shop.access.isLive(c.req.header('x-ebay-api-iaf-token') ?? '')) throw new TradingError(21_917_053, 'Expired IAF token.')
    if (!xml.includes(`<${name}Request`)) throw new TradingError(5, 'XML Parse error.')
    if (c.req.header('x-ebay-api-siteid') === undefined) throw new TradingError(10_012, 'Site ID is missing.')
    const run = CALLS[name]
    if (!run) throw new TradingError(2, 'Unsupported API call.')
    const { ack, inside, returned } = run(shop, xml)
    c.set('returned', returned)
    return tradingAnswer(name, ack, inside, now)
  } catch (error) {
    if (!(error instanceof TradingError)) throw error
    return tradingAnswer(name, 'Failure', tradingError(error), now)
  }
}

interface Told {
  readonly ack: 'Success' | 'PartialFailure' | 'Failure'
  readonly inside: string
  readonly returned: readonly string[]
}

const price = (name: string, minor: number): string => `<${name} currencyID="USD">${cents(minor)}</${name}>`

function variations(item: MarketItem): string {
  if (item.skus.length === 0) return ''
  const all = item.skus.map((sku) => {
    const specifics = sku.options.map(({ name, value }) => element('NameValueList', text('Name', name) + text('Value', value))).join('')
    const sold = element('SellingStatus', text('QuantitySold', SOLD))
    return element(
      'Variation',
      text('SKU', sku.code) +
        price('StartPrice', sku.priceMinor) +
        text('Quantity', sku.stock + SOLD) +
        element('VariationSpecifics', specifics) +
        sold,
    )
  })
  return element('Variations', all.join(''))
}

const itemXml = (item: MarketItem): string =>
  element(
    'Item',
    text('ItemID', item.id) +
      text('Title', item.title) +
      (item.skus.length === 0 ? text('SKU', item.code) : '') +
      text('ListingType', 'FixedPriceItem') +
      text('Quantity', item.stock + SOLD) +
      text('QuantityAvailable', item.stock) +
      element('SellingStatus', price('CurrentPrice', item.priceMinor) + text('QuantitySold', SOLD)) +
      variations(item),
  )

const active = (shop: EbayShop): readonly MarketItem[] => [...shop.items.values()].filter(({ onSale }) => onSale)

function selling(shop: EbayShop, xml: string): Told {
  const [size, page] = [Number(valueOf(xml, 'EntriesPerPage') ?? 25), Number(valueOf(xml, 'PageNumber') ?? 1)]
  if (!(size >= 1 && size <= 200) || !(page >= 1)) throw new TradingError(340, 'Page number is out of range.')
  const all = active(shop)
  const shown = all.slice((page - 1) * size, page * size)
  const counts = element('PaginationResult', text('TotalNumberOfPages', Math.ceil(all.length / size)) + text('TotalNumberOfEntries', all.length))
  const list = element('ActiveList', element('ItemArray', shown.map(itemXml).join('')) + counts)
  return { ack: 'Success', inside: list, returned: shown.map(({ id }) => id) }
}

function item(shop: EbayShop, xml: string): Told {
  const found = shop.items.get(valueOf(xml, 'ItemID') ?? '')
  if (!found) throw new TradingError(17, 'Item cannot be accessed.')
  return { ack: 'Success', inside: itemXml(found), returned: [found.id] }
}

/** Up to four; those that could be revised are told, those that could not have an error each. */
function revise(shop: EbayShop, xml: string): Told {
  const wanted = insides(xml, 'InventoryStatus')
  if (wanted.length === 0 || wanted.length > 4) throw new TradingError(21_917_086, 'At most four items may be revised in one call.')
  const [done, wrong]: [string[], string[]] = [[], []]
  for (const one of wanted) {
    const place = placeOf(shop, one)
    if (place instanceof TradingError) {
      wrong.push(tradingError(place))
      continue
    }
    writeStock(shop, place, Number(valueOf(one, 'Quantity')))
    done.push(element('InventoryStatus', text('ItemID', place.item.id) + text('SKU', place.code) + text('Quantity', valueOf(one, 'Quantity') ?? '')))
  }
  const ack = wrong.length === 0 ? 'Success' : done.length === 0 ? 'Failure' : 'PartialFailure'
  return { ack, inside: wrong.join('') + done.join(''), returned: wanted.flatMap((one) => valueOf(one, 'ItemID') ?? []) }
}

function placeOf(shop: EbayShop, xml: string): Place | TradingError {
  const found = shop.items.get(valueOf(xml, 'ItemID') ?? '')
  if (!found) return new TradingError(17, 'Item cannot be accessed.')
  if (isManaged(found)) return new TradingError(21_919_474, 'This listing was created by the Inventory API and cannot be revised here.')
  const code = valueOf(xml, 'SKU')
  const sku = found.skus.find((each) => each.code === code)
  if (found.skus.length > 0 ? !sku : code !== undefined && code !== found.code) return new TradingError(21_916_799, 'SKU mismatch.')
  const place = { item: found, sku, code: sku?.code ?? found.code }
  if (isLocked(shop, place)) return new TradingError(21_917_091, `The listing ${listingId(place)} may not be revised.`)
  return Number.isInteger(Number(valueOf(xml, 'Quantity') ?? '-')) ? place : new TradingError(515, 'The quantity is invalid.')
}

const CALLS: Readonly<Record<string, (shop: EbayShop, xml: string) => Told>> = {
  GetMyeBaySelling: selling,
  GetItem: item,
  ReviseInventoryStatus: revise,
}
