import { square } from '../../connectors/square/index.ts'
import type { SquareCall } from '../../connectors/square/manifest.ts'
import { createSquare, type SquareOptions } from '../../sandbox/square/index.ts'
import type { PullRequest } from '../../src/core/connector.ts'
import { pagesOf as pagesOfShop, shopUnderTest } from './shop-under-test.ts'

export { faultOf, recordsOf } from './shop-under-test.ts'

/** Appears in no error, no log line and no record. */
const SECRET = 'CANARY_client_secret_0123456789'

export const testShop = (options: SquareOptions = {}) =>
  shopUnderTest(square, createSquare({ clientSecret: SECRET, ...options }), ({ method, path }) => `${method} ${path.replace('/v2/', '')}`)
export type TestShop = Awaited<ReturnType<typeof testShop>>

export const pagesOf = (call: SquareCall, request: PullRequest) => pagesOfShop(square, call, request)
