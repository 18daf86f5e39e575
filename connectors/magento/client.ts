import type { HttpRequest } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted } from '../../src/kit/outcomes.ts'
import type { MagentoCall } from './manifest.ts'

interface Request {
  readonly method?: HttpRequest['method']
  /** Below the address of the settings, filled in. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Answer {
  /** As received: raw documents are slices of it. */
  readonly body: string
  readonly doc: unknown
}

/** The only function that knows the wire: one signed call, its answer parsed losslessly. */
export async function send(call: MagentoCall, request: Request): Promise<Answer> {
  const { method = 'GET', path, query = {}, body } = request
  const search = new URLSearchParams(query).toString()
  const idempotent = method === 'GET'
  try {
    const response = await call.http({
      method,
      url: `${call.config.url.replace(/\/+$/, '')}/rest/V1/${path}${search === '' ? '' : `?${search}`}`,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      idempotent,
      sign: ({ url }) => ({ url, headers: { authorization: `Bearer ${call.secrets.accessToken}` } }),
    })
    return { body: response.body, doc: parseJson(response.body) }
  } catch (error) {
    throw idempotent ? error : doubted(error, () => true)
  }
}

/** Errors are sentences without codes, so the HTTP status decides; a proxy may put "too many" under 200. */
export function classify(status: number, body: string): Fault | undefined {
  if (status !== 200 || !body.startsWith('{"message"') || !/too many requests/i.test(body)) return undefined
  return { kind: 'throttled', status, retryAfterMs: 10_000, message: 'The shop asks to wait.' }
}

/** One search criterion, as Magento writes them in the address. */
export const criteria = (
  filters: readonly (readonly [field: string, condition: string, value: string])[],
  page: { readonly size: number; readonly current: number; readonly sort?: string },
): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    filters.flatMap(([name, condition, value], i) => {
      const at = `searchCriteria[filterGroups][${i}][filters][0]`
      return [
        [`${at}[field]`, name],
        [`${at}[conditionType]`, condition],
        [`${at}[value]`, value],
      ]
    }),
  ),
  ...(page.sort === undefined ? {} : { 'searchCriteria[sortOrders][0][field]': page.sort, 'searchCriteria[sortOrders][0][direction]': 'ASC' }),
  'searchCriteria[pageSize]': String(page.size),
  'searchCriteria[currentPage]': String(page.current),
})

/** The channel sent something of another form than it promised. */
export const unexpected = (what: string): ChannelError =>
  new ChannelError({ kind: 'unreadable', code: 'unexpected-answer', message: `The answer has no ${what}.` })
