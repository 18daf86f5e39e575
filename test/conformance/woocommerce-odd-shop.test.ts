import { describe, expect, it } from 'vitest'
import { classify } from '../../connectors/woocommerce/client.ts'
import { manifest, type WooCall } from '../../connectors/woocommerce/manifest.ts'
import { changedOrders } from '../../connectors/woocommerce/pages.ts'

interface Doc {
  readonly id: number
  readonly date_modified_gmt: string
}

/** A shop that answers from a list in the order given, whatever was asked for, and drops documents it cannot load. */
const oddCall = (docs: readonly Doc[], options: { readonly headers?: boolean; readonly unloadable?: ReadonlySet<number> } = {}): WooCall => ({
  connectionId: 'c_7',
  config: manifest.config.parse({ url: 'https://shop.example', pageSize: 3 }),
  secrets: { consumerKey: 'ck', consumerSecret: 'cs' },
  http: (request) => {
    const query = new URL(request.url).searchParams
    const matching = docs.filter(
      (doc) => doc.date_modified_gmt > (query.get('modified_after') ?? '') && doc.date_modified_gmt < (query.get('modified_before') ?? ''),
    )
    const page = Number(query.get('page'))
    const slice = matching.slice((page - 1) * 3, page * 3).filter((doc) => !options.unloadable?.has(doc.id))
    const headers =
      options.headers === false ? {} : { 'x-wp-total': String(matching.length), 'x-wp-totalpages': String(Math.ceil(matching.length / 3)) }
    return Promise.resolve({ status: 200, headers, body: JSON.stringify(slice) })
  },
  tokens: () => Promise.resolve({}),
  renew: () => Promise.resolve({}),
  now: () => new Date(),
  signal: new AbortController().signal,
})
const at = (second: number): string => `2026-11-22T06:00:${String(second).padStart(2, '0')}`
const idsOf = async (call: WooCall): Promise<readonly string[]> => {
  const ids = new Set<string>()
  let count = 0
  for await (const page of changedOrders(call, {
    window: { from: '2026-11-22T06:00:00Z', to: '2026-11-22T06:01:00Z' },
    after: undefined,
    status: 'any',
  })) {
    for (const entry of page.entries) ids.add(entry.id)
    if (++count > 100) throw new Error('The pull does not end.')
  }
  return [...ids].sort((a, b) => Number(a) - Number(b))
}

describe('a shop that does not keep to the rules', () => {
  it('is read whole although its list is not sorted by change', async () => {
    const seconds = [9, 2, 7, 1, 30, 4, 4, 12, 3, 3, 3, 3, 8]
    const docs = seconds.map((second, i) => ({ id: i + 1, date_modified_gmt: at(second) }))
    expect(await idsOf(oddCall(docs))).toEqual(docs.map((doc) => String(doc.id)))
  })

  it('is read whole although whole pages cannot be loaded', async () => {
    const docs = Array.from({ length: 12 }, (_, i) => ({ id: i + 1, date_modified_gmt: at(i) }))
    const ids = await idsOf(oddCall(docs, { unloadable: new Set([4, 5, 6, 8]) }))
    expect(ids).toEqual(['1', '2', '3', '7', '9', '10', '11', '12'])
  })

  it('is read to its end without the paging headers', async () => {
    const docs = Array.from({ length: 9 }, (_, i) => ({ id: i + 1, date_modified_gmt: at(i < 5 ? 5 : i + 5) }))
    expect(await idsOf(oddCall(docs, { headers: false }))).toEqual(docs.map((doc) => String(doc.id)))
  })
})

describe('reading the words of WordPress', () => {
  const body = (code: string, message = 'Sorry.', status = 400): string => JSON.stringify({ code, message, data: { status } })
  it.each([
    [401, body('woocommerce_rest_cannot_view'), { kind: 'unauthorized', code: 'woocommerce_rest_cannot_view' }],
    [401, body('woocommerce_rest_authentication_error'), { kind: 'unauthorized' }],
    [403, body('woocommerce_rest_cannot_edit'), { kind: 'unauthorized' }],
    [403, '<html><title>Just a moment...</title></html>', { kind: 'misconfigured', code: 'firewall' }],
    [404, body('rest_no_route'), { kind: 'missing', code: 'rest_no_route' }],
    [404, body('woocommerce_rest_shop_order_invalid_id'), { kind: 'missing' }],
    [400, body('woocommerce_rest_shop_order_invalid_id'), { kind: 'missing' }],
    [400, body('rest_invalid_param'), { kind: 'refused', code: 'rest_invalid_param' }],
    [200, body('rate_limited', 'Slow down', 429), { kind: 'throttled' }],
    [200, body('rest_forbidden', 'No', 403), { kind: 'unauthorized' }],
    [500, body('internal_server_error'), undefined],
    [429, '<html>', undefined],
    [200, '[{"id":1,"code":"summer"}]', undefined],
    [200, '{"code":"summer","amount":"10"}', undefined],
  ])('%d %s', (status, text, expected) => {
    const fault = classify(status, text)
    if (expected === undefined) expect(fault).toBeUndefined()
    else expect(fault).toMatchObject(expected)
  })

  it('repeats what the shop said without what could be personal', () => {
    const fault = classify(400, body('woocommerce_rest_invalid', '<b>Invalid</b> email jane@example.com, phone +49 170 1234567, name "Jane Roe"'))
    for (const personal of ['jane@', '1234567', 'Jane', '<b>']) expect(fault?.message).not.toContain(personal)
    expect(fault?.message).toContain('Invalid')
  })
})
