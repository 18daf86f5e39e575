import { ebay } from '../../connectors/ebay/index.ts'
import type { EbayCall } from '../../connectors/ebay/manifest.ts'
import { createEbay, type EbayOptions } from '../../sandbox/ebay/index.ts'
import type { PullRequest } from '../../src/core/connector.ts'
import { memoryTokens } from '../../src/kit/call.ts'
import { pagesOf as pagesOfShop, shopUnderTest, type Given } from './shop-under-test.ts'

export { recordsOf } from './shop-under-test.ts'

/** Calls are counted by method and path; all of a shop's calls share their tokens. */
export async function testShop(options: EbayOptions = {}) {
  const shop = await shopUnderTest(
    ebay,
    createEbay(options),
    ({ method, path }) => `${method} ${path.replace(/^\/(?:sell|commerce)\/(\w+)\/v1/, '$1')}`,
  )
  const tokens = memoryTokens()
  return { ...shop, call: (given: Given<EbayCall['config']> = {}) => shop.call({ tokens, ...given }) }
}
export type TestShop = Awaited<ReturnType<typeof testShop>>

export const pagesOf = (call: EbayCall, request: PullRequest) => pagesOfShop(ebay, call, request)
