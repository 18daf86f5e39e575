import { jd } from '../../connectors/jd/index.ts'
import type { JdCall, JdConfig } from '../../connectors/jd/manifest.ts'
import { createJd, type JdOptions } from '../../sandbox/jd/index.ts'
import type { PullRequest } from '../../src/core/connector.ts'
import { faultOf as faultOfShop, pagesOf, shopUnderTest, type Given } from './shop-under-test.ts'

/** Appear in no error, no log line and no record. */
const SECRET = 'CANARY_app_secret_0123456789'
const TOKEN = 'CANARYaccesstoken'

interface JdGiven extends Pick<Given<JdConfig>, 'config' | 'rewrite'> {
  readonly refresh?: false
  /** Ahead of the channel's clock. */
  readonly skewMs?: number
}

/** Calls are counted by the names of their interfaces, renewals by their path. */
export async function testShop(options: JdOptions = {}) {
  const shop = await shopUnderTest(jd, createJd({ appSecret: SECRET, accessToken: TOKEN, ...options }), ({ query, path }) => query || path)
  return {
    ...shop,
    call: ({ config = {}, rewrite, refresh, skewMs = 0 }: JdGiven = {}) =>
      shop.call({ config, rewrite, aheadMs: skewMs, secrets: refresh === false ? { refreshToken: undefined } : {} }),
  }
}
export type TestShop = Awaited<ReturnType<typeof testShop>>

export const pages = (call: JdCall, request: PullRequest) => pagesOf(jd, call, request)
export const faultOf = (work: Promise<unknown>) => faultOfShop(work, [SECRET, TOKEN, 'sandbox-jd-refresh'])
