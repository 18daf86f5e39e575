import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, faultOf, refused } from '../../src/kit/outcomes.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { pushInGroups } from '../../src/kit/stock-groups.ts'
import { write } from './client.ts'
import { firstMarketplace, listingPath, OWN_NETWORK } from './listings.ts'
import type { AmazonCall } from './manifest.ts'

const MAX_BATCH = 20

/** Absolute levels, one SKU a call. What is accepted shows some time later. */
export async function pushInventory(call: AmazonCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, {
    unsendable,
    groupsOf: (all) => all.map((one) => [one]),
    write: ([one]) => (one ? set(call, one) : Promise.resolve([])),
  })
}

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })
  if ((ids['sku'] ?? '') === '') return fault('listing-ids', 'The listing carries no SKU of this account. Read the listings again.')
  if (ids['network'] !== OWN_NETWORK) return fault('channel-stock', 'Amazon keeps the stock of this SKU itself (FBA): it cannot be set.')
  if (!Number.isSafeInteger(quantity) || quantity < 0) return fault('quantity-not-whole', 'Amazon counts stock in whole pieces from 0.')
  return undefined
}

/** `merge` leaves the lead time and the restock date of the listing as they are; `replace` would drop them. */
async function set(call: AmazonCall, { key, ids, quantity }: InventoryWrite): Promise<readonly Outcome[] | Fault> {
  const value = [{ fulfillment_channel_code: OWN_NETWORK, quantity }]
  try {
    const { body } = await write(call, {
      limit: 'patchListingsItem',
      method: 'PATCH',
      path: listingPath(call, ids['sku']),
      query: { marketplaceIds: firstMarketplace(call) },
      body: { productType: 'PRODUCT', patches: [{ op: 'merge', path: '/attributes/fulfillment_availability', value }] },
    })
    return [outcomeOf(key, quantity, parseJson(body))]
  } catch (error) {
    // What cannot be read says nothing about what was done.
    return faultOf(doubted(error, () => false))
  }
}

/** A level taken in may still be refused behind the door; reading it back tells. Issues of other attributes do not stop it. */
function outcomeOf(key: string, quantity: number, doc: unknown): Outcome {
  const status = textField(doc, 'status')
  if (status === 'ACCEPTED')
    return { key, status: 'applied', proof: { quantity: String(quantity), submission: textField(doc, 'submissionId') ?? '' } }
  if (status !== 'INVALID')
    return {
      key,
      status: 'unknown',
      fault: { kind: 'in-doubt', code: 'unexpected-answer', message: 'Amazon did not say whether the level was taken.' },
    }
  const issue = listField(doc, 'issues').find((each) => textField(each, 'severity') === 'ERROR')
  return refused(key, textField(issue, 'code') ?? 'INVALID', 'Amazon refused the level: see the issues of this listing in Seller Central.')
}
