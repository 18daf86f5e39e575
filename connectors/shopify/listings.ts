import { z } from 'zod'
import type { ChannelListing, Cursor, InventoryReading, ListingPage } from '../../src/core/connector.ts'
import { readAnswer } from '../../src/kit/answer.ts'
import { affordablePage, affordableParts, paced, query } from './client.ts'
import { LEVELS_BY_ID, VARIANTS } from './documents.ts'
import { gidOf, isId, shortId } from './ids.ts'
import type { ShopifyCall } from './manifest.ts'

const level = z.object({ location: z.object({ id: z.string() }), quantities: z.array(z.object({ name: z.string(), quantity: z.int() })) })
const item = z.object({
  id: z.string(),
  tracked: z.boolean(),
  inventoryLevel: level.nullish(),
  inventoryLevels: z.object({ nodes: z.array(level) }).optional(),
})
const variantPage = z.object({
  productVariants: z.object({
    nodes: z.array(
      z.object({
        id: z.string(),
        sku: z.string().nullish(),
        barcode: z.string().nullish(),
        displayName: z.string(),
        price: z.string(),
        product: z.object({ id: z.string(), status: z.string() }),
        inventoryItem: item,
      }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
  }),
})
type Item = z.output<typeof item>

const PAGE_SIZE = 40

/** Variants, by the address `product:variant`. Stock hangs at a variant's inventory item, per location. */
export async function* pullListings(call: ShopifyCall, after: Cursor | undefined): AsyncIterable<ListingPage> {
  let position = typeof after?.['after'] === 'string' ? after['after'] : null
  let size = PAGE_SIZE
  for (;;) {
    const asked = await affordablePage(size, (first) => query(call, VARIANTS, { first, after: position, ...placeOf(call) }))
    const { answer } = asked
    size = asked.size
    const { nodes, pageInfo } = readAnswer(variantPage, answer.data, 'variant list').productVariants
    const next = pageInfo.hasNextPage && pageInfo.endCursor && pageInfo.endCursor !== position ? pageInfo.endCursor : null
    yield { listings: nodes.map((node) => listingOf(call, node)), cursor: next === null ? null : { after: next } }
    if (next === null) return
    position = next
    await paced(call, answer)
  }
}

function listingOf(call: ShopifyCall, node: z.output<typeof variantPage>['productVariants']['nodes'][number]): ChannelListing {
  const [product, variant] = [shortId(node.product.id), shortId(node.id)]
  const location = locationOf(call, node.inventoryItem)
  const quantity = available(node.inventoryItem, location)
  return {
    key: `${product}:${variant}`,
    ids: { product, variant, inventoryItem: shortId(node.inventoryItem.id), ...(location === undefined ? {} : { location }) },
    sku: node.sku ?? '',
    ...(node.barcode ? { barcode: node.barcode } : {}),
    title: node.displayName,
    price: node.price,
    ...(quantity === undefined ? {} : { quantity: String(quantity) }),
    active: node.product.status === 'ACTIVE',
  }
}

/** Where to look: at the location of the settings, or wherever an item is stocked. */
const placeOf = (call: ShopifyCall): { readonly location: string; readonly chosen: boolean } => ({
  location: gidOf('Location', call.config.locationId ?? '0'),
  chosen: call.config.locationId !== undefined,
})

const levelsOf = ({ inventoryLevel, inventoryLevels }: Item): readonly z.output<typeof level>[] =>
  inventoryLevels ? inventoryLevels.nodes : inventoryLevel ? [inventoryLevel] : []

/** The location of the settings, else the only one the item is stocked at. */
function locationOf(call: ShopifyCall, found: Item): string | undefined {
  if (call.config.locationId !== undefined) return shortId(call.config.locationId)
  const [first, ...more] = levelsOf(found)
  return first && more.length === 0 ? shortId(first.location.id) : undefined
}

/** Available units at the location; over all of them where none is chosen. Undefined where Shopify counts nothing. */
function available(found: Item, location: string | undefined): number | undefined {
  if (!found.tracked) return undefined
  const levels = levelsOf(found).filter((each) => location === undefined || shortId(each.location.id) === location)
  if (levels.length === 0) return undefined
  return levels.reduce((sum, each) => sum + (each.quantities.find((quantity) => quantity.name === 'available')?.quantity ?? 0), 0)
}

export async function readInventory(
  call: ShopifyCall,
  listings: readonly { readonly key: string; readonly ids: Readonly<Record<string, string>> }[],
): Promise<readonly InventoryReading[]> {
  const asked = [...new Set(listings.flatMap((listing) => listing.ids['inventoryItem'] ?? []))].filter(isId)
  if (asked.length === 0) return listings.map(({ key }) => ({ key, quantity: undefined }))
  const gids = asked.map((id) => gidOf('InventoryItem', id))
  const answers = await affordableParts(gids, (ids) => query(call, LEVELS_BY_ID, { ids, ...placeOf(call) }))
  const nodes = answers.flatMap((answer) => readAnswer(z.object({ nodes: z.array(item.nullable()) }), answer.data, 'stock levels').nodes)
  const items = new Map(nodes.flatMap((node) => (node ? [[shortId(node.id), node] as const] : [])))
  return listings.map((listing) => {
    const found = items.get(listing.ids['inventoryItem'] ?? '')
    return {
      key: listing.key,
      quantity: found && available(found, call.config.locationId ? shortId(call.config.locationId) : listing.ids['location']),
    }
  })
}
