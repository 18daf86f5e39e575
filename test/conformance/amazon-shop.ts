import { amazon } from '../../connectors/amazon/index.ts'
import type { AmazonCall, AmazonConfig } from '../../connectors/amazon/manifest.ts'
import { createAmazon, type AmazonOptions } from '../../sandbox/amazon/index.ts'
import type { PullRequest } from '../../src/core/connector.ts'
import { pagesOf as pagesOfShop, shopUnderTest } from './shop-under-test.ts'

export { recordsOf } from './shop-under-test.ts'

/** Appears in no error, no log line and no record. */
const SECRET = 'CANARY_client_secret_0123456789'

export async function testShop(options: AmazonOptions = {}) {
  const shop = await shopUnderTest(amazon, createAmazon({ clientSecret: SECRET, enforceRates: false, ...options }))
  return { ...shop, call: (config: Partial<AmazonConfig> = {}) => shop.call({ config }) }
}
export type TestShop = Awaited<ReturnType<typeof testShop>>

export const pagesOf = (call: AmazonCall, request: PullRequest) => pagesOfShop(amazon, call, request)
