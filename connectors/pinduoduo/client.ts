import type { Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { withTokens } from '../../src/kit/call.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, faultOf, unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import type { PddCall } from './manifest.ts'
import { signParameters } from './signing.ts'

/** The name of the one member around an answer does not follow from the name of the interface. */
const ROOTS = {
  'pdd.time.get': 'time_get_response',
  'pdd.pop.auth.token.refresh': 'pop_auth_token_refresh_response',
  'pdd.mall.info.get': 'mall_info_get_response',
  'pdd.order.number.list.increment.get': 'order_sn_increment_get_response',
  'pdd.order.information.get': 'order_info_get_response',
  'pdd.refund.list.increment.get': 'refund_increment_get_response',
  'pdd.refund.agree': 'response',
  'pdd.goods.list.get': 'goods_list_get_response',
  'pdd.goods.skus.get': 'goods_sku_get_response',
  'pdd.goods.quantity.update': 'goods_quantity_update_response',
  'pdd.logistics.companies.get': 'logistics_companies_get_response',
  'pdd.logistics.online.send': 'logistics_online_send_response',
  'pdd.order.upload.extra.logistics': 'upload_extra_logistics_response',
  'pdd.open.decrypt.batch': 'open_decrypt_batch_response',
} as const
export type Api = keyof typeof ROOTS

/** Interfaces with a limit of their own, beside which the usual one would be too fast. */
const LIMITS: Partial<Readonly<Record<Api, string>>> = {
  'pdd.refund.list.increment.get': 'refunds',
  'pdd.goods.list.get': 'goods',
  'pdd.open.decrypt.batch': 'decrypt',
}

/** Behind a relay inside the channel's cloud decrypting is as fast as anything. */
const limitOf = ({ config }: PddCall, api: Api): string | undefined =>
  api === 'pdd.open.decrypt.batch' && config.decryptPerDay === 0 ? undefined : LIMITS[api]

interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  readonly root: string
  /** What stands under the root, parsed losslessly. */
  readonly doc: unknown
}

type Parameters = Readonly<Record<string, string | number | boolean | undefined>>

/** A read: may be repeated. */
export const read = (call: PddCall, api: Api, parameters: Parameters): Promise<Answer> =>
  inSession(call, (token) => send(call, { api, parameters, token, idempotent: true }))

/** A write: one attempt. An accident behind the gateway (50000, 50002, 52001, 52002) leaves it open whether it happened. */
export const write = (call: PddCall, api: Api, parameters: Parameters): Promise<Answer> =>
  inSession(call, (token) =>
    send(call, { api, parameters, token, idempotent: false }).catch((error: unknown) => {
      throw doubted(error, (code) => /^(?:5000|5200)/.test(code))
    }),
  )

/** A call that needs no seller: the clock, the carriers, renewing a token. */
export const anonymous = (call: PddCall, api: Api, parameters: Parameters = {}): Promise<Answer> =>
  send(call, { api, parameters, token: undefined, idempotent: true })

/** Runs with the current token and once more with a renewed one. A refused call was not executed. */
const inSession = (call: PddCall, run: (token: string) => Promise<Answer>): Promise<Answer> =>
  withTokens(call, (tokens) => run(tokens['access'] ?? call.secrets.accessToken))

interface Request {
  readonly api: Api
  readonly parameters: Parameters
  readonly token: string | undefined
  readonly idempotent: boolean
}

/** Everything goes as text in one JSON object, signature included, stamped when it leaves. */
async function send(call: PddCall, { api, parameters, token, idempotent }: Request): Promise<Answer> {
  const { config, secrets } = call
  const given: Record<string, string> = {
    type: api,
    client_id: secrets.clientId,
    data_type: 'JSON',
    ...(token === undefined ? {} : { access_token: token }),
  }
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined && value !== '') given[name] = String(value)
  const limit = limitOf(call, api)
  const response = await call.http({
    method: 'POST',
    url: config.url,
    headers: { 'content-type': 'application/json' },
    idempotent,
    ...(limit === undefined ? {} : { limit }),
    sign: ({ url }) => {
      const stamped = { ...given, timestamp: String(Math.floor(call.now().getTime() / 1000)) }
      return { url, headers: {}, body: JSON.stringify({ ...stamped, sign: signParameters(stamped, secrets.clientSecret).signature }) }
    },
  })
  const root = ROOTS[api]
  const doc = field(parseJson(response.body), root)
  if (typeof doc !== 'object' || doc === null) throw unreadable(`${api} answered without a result.`)
  return { body: response.body, root, doc }
}

/** A new pair. The channel says itself how long each lives. */
export async function refreshToken(call: PddCall): Promise<Tokens> {
  const refresh = (await call.tokens())['refresh'] ?? call.secrets.refreshToken
  const ended = (cause?: unknown, code = '10019'): ChannelError =>
    new ChannelError({ kind: 'unauthorized', code, message: 'The authorisation has run out or was taken back. Authorise the shop again.' }, { cause })
  if (refresh === undefined) throw ended()
  const { doc } = await anonymous(call, 'pdd.pop.auth.token.refresh', { refresh_token: refresh }).catch((error: unknown) => {
    const { kind, code } = faultOf(error)
    throw kind === 'refused' || kind === 'missing' || kind === 'unauthorized' ? ended(error, code) : error
  })
  const access = textField(doc, 'access_token')
  if (access === undefined) throw unreadable('The answer to the renewal holds no token.')
  const expires = Number(textField(doc, 'expires_at') ?? Number.NaN) * 1000
  return {
    values: { access, refresh: textField(doc, 'refresh_token') ?? refresh },
    ...(Number.isSafeInteger(expires) && expires > 0 ? { expiresAt: new Date(expires).toISOString() } : {}),
  }
}
