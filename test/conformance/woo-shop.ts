import { woocommerce } from '../../connectors/woocommerce/index.ts'
import type { WooCall, WooConfig } from '../../connectors/woocommerce/manifest.ts'
import { createWooCommerce, type WooCommerceOptions } from '../../sandbox/woocommerce/index.ts'
import type { PullRequest, RawRecord } from '../../src/core/connector.ts'
import { faultOf as faultOfShop, idsOf, pagesOf, shopUnderTest } from './shop-under-test.ts'

export { recordsOf } from './shop-under-test.ts'

/** Appears in no error, no log line and no record. */
export const SECRET = 'cs_CANARY_0123456789'

interface WooGiven {
  readonly timeoutMs?: number
  readonly key?: string
  readonly secret?: string
  readonly webhookSecret?: string
}

export async function testShop(options: WooCommerceOptions = {}) {
  const shop = await shopUnderTest(woocommerce, createWooCommerce({ key: { consumerKey: 'ck_1', consumerSecret: SECRET }, ...options }))
  return {
    ...shop,
    call: (config: Partial<WooConfig> = {}, { timeoutMs, key = 'ck_1', secret = SECRET, webhookSecret }: WooGiven = {}) =>
      shop.call({ config, timeoutMs, secrets: { consumerKey: key, consumerSecret: secret, webhookSecret } }),
  }
}
export type TestShop = Awaited<ReturnType<typeof testShop>>

export const pages = (call: WooCall, request: PullRequest, most?: number) => pagesOf(woocommerce, call, request, most)
export const orderIds = (records: readonly RawRecord[]): readonly string[] => idsOf(records.filter((record) => record.kind === 'order'))
export const faultOf = (work: Promise<unknown>) => faultOfShop(work, [SECRET, 'ck_1', 'oauth_signature', 'modified_after'])
