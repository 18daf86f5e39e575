import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf, refused } from '../../src/kit/outcomes.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { chunked, pushInGroups, unanswered } from '../../src/kit/stock-groups.ts'
import { rest, trading, xmlAll, xmlText, xmlValue } from './client.ts'
import type { EbayCall } from './manifest.ts'

const MAX_BATCH = 25
/** `ReviseInventoryStatus` takes four. */
const MAX_TRADING = 4

/**
 * Absolute levels: of listings the Inventory API manages up to twenty-five SKUs a call, of all others four. Where eBay takes one SKU a
 * call only, as one of its pages says, the call is refused as a whole and its SKUs are written alone.
 */
export async function pushInventory(call: EbayCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, {
    unsendable,
    groupsOf: (all) => [
      ...chunked(
        all.filter(({ ids }) => ids['offer'] !== undefined),
        MAX_BATCH,
      ),
      ...chunked(
        all.filter(({ ids }) => ids['offer'] === undefined),
        MAX_TRADING,
      ),
    ],
    write: (group) => (group[0]?.ids['offer'] === undefined ? revise(call, group) : update(call, group)),
  })
}

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  if (!/^\d+$/.test(ids['item'] ?? ''))
    return { kind: 'refused', code: 'listing-ids', message: 'The listing carries no item number of this account. Read the listings again.' }
  if (!Number.isSafeInteger(quantity) || quantity < 0)
    return { kind: 'refused', code: 'quantity-not-whole', message: 'eBay counts stock in whole pieces from 0.' }
  return undefined
}

/** What lies in stock, and what of it the offer shows: a listing shows the smaller of the two, so both are set. */
async function update(call: EbayCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  const requests = group.map(({ ids, quantity }) => ({
    sku: ids['sku'],
    shipToLocationAvailability: { quantity },
    offers: [{ offerId: ids['offer'], availableQuantity: quantity }],
  }))
  try {
    const path = '/sell/inventory/v1/bulk_update_price_quantity'
    const { doc } = await rest(call, { method: 'POST', path, body: { requests }, limit: 'inventory' })
    const answers = listField(doc, 'responses')
    return group.map(({ key, ids, quantity }) => {
      const own = answers.filter((each) => (textField(each, 'offerId') ?? ids['offer']) === ids['offer'] && textField(each, 'sku') === ids['sku'])
      if (own.length === 0) return unanswered(key)
      const bad = own.find((each) => !/^2\d\d$/.test(textField(each, 'statusCode') ?? ''))
      if (bad === undefined) return { key, status: 'applied', proof: { quantity: String(quantity), offer: ids['offer'] ?? '' } }
      const code = textField(listField(bad, 'errors')[0], 'errorId') ?? textField(bad, 'statusCode') ?? 'not-success'
      // An accident behind eBay's door says nothing about what was done.
      if (/^5\d\d$/.test(textField(bad, 'statusCode') ?? '')) return doubtful(key, code)
      return refused(key, code, `eBay answered ${code} for this SKU.`)
    })
  } catch (error) {
    return faultOf(error)
  }
}

const doubtful = (key: string, code: string): Outcome => ({
  key,
  status: 'unknown',
  fault: { kind: 'in-doubt', code, message: `eBay answered ${code} for this SKU: it may have been set all the same.` },
})

/** Listings made without the Inventory API. The answer names what was revised; whatever it leaves out was refused. */
async function revise(call: EbayCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  const fields = group.map(({ ids, quantity }) => {
    const sku = ids['sku'] === undefined ? '' : `<SKU>${xmlText(ids['sku'])}</SKU>`
    return `<InventoryStatus><ItemID>${ids['item'] ?? ''}</ItemID>${sku}<Quantity>${quantity}</Quantity></InventoryStatus>`
  })
  try {
    const root = await trading(call, 'ReviseInventoryStatus', fields.join(''), true)
    const revised = xmlAll(root, 'InventoryStatus')
    const code = xmlValue(xmlAll(root, 'Errors').find((each) => xmlValue(each, 'SeverityCode') !== 'Warning') ?? {}, 'ErrorCode')
    return group.map(({ key, ids, quantity }) => {
      const isIn = revised.some(
        (each) => xmlValue(each, 'ItemID') === ids['item'] && (ids['sku'] === undefined || (xmlValue(each, 'SKU') ?? ids['sku']) === ids['sku']),
      )
      if (isIn) return { key, status: 'applied', proof: { quantity: String(quantity) } }
      return code === undefined ? unanswered(key) : refused(key, code, `eBay answered ${code} for this listing.`)
    })
  } catch (error) {
    return faultOf(error)
  }
}
