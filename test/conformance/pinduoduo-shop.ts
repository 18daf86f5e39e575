import { pinduoduo } from '../../connectors/pinduoduo/index.ts'
import type { PddCall, PddConfig } from '../../connectors/pinduoduo/manifest.ts'
import { createPinduoduo } from '../../sandbox/pinduoduo/index.ts'
import type { PullRequest } from '../../src/core/connector.ts'
import { pagesOf, shopUnderTest } from './shop-under-test.ts'

export { recordsOf } from './shop-under-test.ts'

/** Calls are counted by the names of their interfaces. */
export async function testShop(seed = 1) {
  const shop = await shopUnderTest(pinduoduo, createPinduoduo({ seed }), ({ query }) => query)
  return { ...shop, call: (config: Partial<PddConfig> = {}) => shop.call({ config }) }
}
export type TestShop = Awaited<ReturnType<typeof testShop>>

export const pages = (call: PddCall, request: PullRequest) => pagesOf(pinduoduo, call, request)
