import { taobao } from '../../connectors/taobao/index.ts'
import type { TopCall, TopConfig } from '../../connectors/taobao/manifest.ts'
import { createTaobao, type TaobaoOptions } from '../../sandbox/taobao/index.ts'
import type { PullRequest } from '../../src/core/connector.ts'
import { faultOf as faultOfShop, pagesOf, shopUnderTest } from './shop-under-test.ts'

export { idsOf, recordsOf } from './shop-under-test.ts'

/** Appear in no error, no log line and no record. */
const SECRET = 'CANARY_app_secret_0123456789'
const SESSION = '6100CANARYsession'

type Secrets = Partial<Record<'appKey' | 'appSecret' | 'sessionKey', string>> & { readonly refresh?: false }

/** Calls are counted by the names of their interfaces. */
export async function testShop(options: TaobaoOptions = {}) {
  const shop = await shopUnderTest(taobao, createTaobao({ appSecret: SECRET, sessionKey: SESSION, ...options }), ({ query }) => query)
  return {
    ...shop,
    call: (config: Partial<TopConfig> = {}, { refresh, ...secrets }: Secrets = {}) =>
      shop.call({ config, secrets: { ...secrets, ...(refresh === false ? { refreshToken: undefined } : {}) } }),
  }
}
export type TestShop = Awaited<ReturnType<typeof testShop>>

export const pages = (call: TopCall, request: PullRequest) => pagesOf(taobao, call, request)
export const faultOf = (work: Promise<unknown>) => faultOfShop(work, [SECRET, SESSION, '6101sandbox'])
