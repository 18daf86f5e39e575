import { youzan } from '../../connectors/youzan/index.ts'
import type { YouzanCall } from '../../connectors/youzan/manifest.ts'
import { createYouzan, type YouzanOptions } from '../../sandbox/youzan/index.ts'
import type { PullRequest } from '../../src/core/connector.ts'
import { pagesOf as pagesOfShop, shopUnderTest } from './shop-under-test.ts'

export { faultOf, recordsOf } from './shop-under-test.ts'

/** Appears in no error, no log line and no record. */
const SECRET = 'CANARY_client_secret_0123456789'

/** Calls are counted by the names of their interfaces. */
export const testShop = (options: YouzanOptions = {}) =>
  shopUnderTest(youzan, createYouzan({ clientSecret: SECRET, ...options }), ({ path }) => path.replace(/^\/(?:api\/)?/, ''))
export type TestShop = Awaited<ReturnType<typeof testShop>>

export const pagesOf = (call: YouzanCall, request: PullRequest) => pagesOfShop(youzan, call, request)
