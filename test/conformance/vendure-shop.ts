import type { VendureCall } from '../../connectors/vendure/client.ts'
import { vendure } from '../../connectors/vendure/index.ts'
import type { Config } from '../../connectors/vendure/manifest.ts'
import { createVendure, type VendureOptions } from '../../sandbox/vendure/index.ts'
import type { PullRequest } from '../../src/core/connector.ts'
import { faultOf as faultOfShop, pagesOf, shopUnderTest } from './shop-under-test.ts'

export { idsOf, recordsOf } from './shop-under-test.ts'

/** Appears in no error, no log line and no record. */
export const SECRET = 'pw_CANARY_0123456789'

export async function testShop(options: VendureOptions = {}) {
  const shop = await shopUnderTest(vendure, createVendure({ password: SECRET, ...options }))
  const url = `${shop.url}/admin-api`
  return {
    ...shop,
    call: (config: Partial<Config> = {}, { timeoutMs, password = SECRET }: { readonly timeoutMs?: number; readonly password?: string } = {}) =>
      shop.call({ config: { url, ...config }, timeoutMs, secrets: { password, webhookSecret: 'hook-secret' } }),
  }
}
export type TestShop = Awaited<ReturnType<typeof testShop>>

export const pages = (call: VendureCall, request: PullRequest) => pagesOf(vendure, call, request)
export const faultOf = (work: Promise<unknown>) => faultOfShop(work, [SECRET, 'mutation', 'Bearer'])
