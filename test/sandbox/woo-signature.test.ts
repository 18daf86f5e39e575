import { describe, expect, it } from 'vitest'
import { oauthSignature, refuseOAuth } from '../../sandbox/woocommerce/oauth.ts'
import { bareInteger, phpJson } from '../../sandbox/woocommerce/php-json.ts'
import { parsePhpQuery } from '../../sandbox/woocommerce/php-query.ts'
import { createSiteTime } from '../../sandbox/woocommerce/site-time.ts'
import { webhookSignature } from '../../sandbox/woocommerce/webhooks.ts'

const url = 'http://127.0.0.1:8088/wp-json/wc/v3/orders'
const nonce = 'abcdef0123456789abcdef0123456789'
const now = 1_795_000_000_000

function signed(method: string, query: string, signature?: string) {
  const fixed = `oauth_consumer_key=ck_test_0001&oauth_nonce=${nonce}&oauth_signature_method=${method}&oauth_timestamp=1795000000&oauth_version=1.0`
  const text = `${query}&${fixed}${signature === undefined ? '' : `&oauth_signature=${encodeURIComponent(signature)}`}`
  return { method: 'GET', url, query: parsePhpQuery(text) }
}

const sha1Query = 'per_page=10'
const sha256Query = 'modified_after=2026-11-01T00%3A00%3A00&page=2&per_page=100&status[0]=processing'
const key = () => ({ consumerSecret: 'cs_test_0001', nonces: new Map<string, number>() })

describe('OAuth 1.0a as the WooCommerce simulator verifies it', () => {
  it('computes the published HMAC-SHA1 signature', () => {
    expect(oauthSignature(signed('HMAC-SHA1', sha1Query), 'HMAC-SHA1', 'cs_test_0001')).toBe('B6/6rREnCFaVsOYHESzBpyCq2n4=')
  })

  it('computes the published HMAC-SHA256 signature with an array parameter', () => {
    expect(oauthSignature(signed('HMAC-SHA256', sha256Query), 'HMAC-SHA256', 'cs_test_0001')).toBe('P4npDo6ek5YIGfeF2kaYYLmM4X+q/EZCbnLbXwBAtSg=')
  })

  it('accepts a good signature once and refuses its nonce the second time', () => {
    const request = signed('HMAC-SHA1', sha1Query, 'B6/6rREnCFaVsOYHESzBpyCq2n4=')
    const one = key()
    expect(refuseOAuth(request, one, now)).toBeUndefined()
    expect(refuseOAuth(request, one, now)).toBe('Invalid nonce - nonce has already been used.')
  })

  it('takes the last value of a parameter that is sent twice', () => {
    const request = signed('HMAC-SHA1', 'per_page=99&per_page=10', 'B6/6rREnCFaVsOYHESzBpyCq2n4=')
    expect(refuseOAuth(request, key(), now)).toBeUndefined()
  })

  it('refuses a timestamp more than fifteen minutes away, either side', () => {
    const request = signed('HMAC-SHA1', sha1Query, 'B6/6rREnCFaVsOYHESzBpyCq2n4=')
    expect(refuseOAuth(request, key(), now + 900_000)).toBeUndefined()
    expect(refuseOAuth(request, key(), now + 901_000)).toBe('Invalid timestamp.')
    expect(refuseOAuth(request, key(), now - 901_000)).toBe('Invalid timestamp.')
  })

  it('refuses a changed parameter and an unknown method', () => {
    expect(refuseOAuth(signed('HMAC-SHA1', 'per_page=11', 'B6/6rREnCFaVsOYHESzBpyCq2n4='), key(), now)).toBe(
      'Invalid signature - provided signature does not match.',
    )
    expect(refuseOAuth(signed('HMAC-MD5', sha1Query, 'x'), key(), now)).toBe('Invalid signature - signature method is invalid.')
  })
})

describe('the wire of the WooCommerce simulator', () => {
  it('signs a webhook as published', () => {
    expect(webhookSignature('{"id":727,"status":"processing"}', 's3cret')).toBe('CBGQM/uSsZa0es2U4cfBfxFah8cclSEsqTSIiiel8PQ=')
  })

  it('decodes HTML entities of a secret before it signs', () => {
    expect(webhookSignature('{}', 'a&amp;b')).toBe(webhookSignature('{}', 'a&b'))
  })

  it('encodes JSON the way PHP does, with bare big integers', () => {
    expect(phpJson({ a: 'a/b é 青 😀', id: bareInteger(1_234_567_890_123_456_789n) })).toBe(
      '{"a":"a\\/b \\u00e9 \\u9752 \\ud83d\\ude00","id":1234567890123456789}',
    )
  })

  it('keeps site-local and GMT dates apart', () => {
    const time = createSiteTime('Asia/Shanghai')
    const at = Date.parse('2026-11-20T20:00:00Z')
    expect([time.gmt(at), time.local(at)]).toEqual(['2026-11-20T20:00:00', '2026-11-21T04:00:00'])
    expect(time.parse('2026-11-20T20:00:00', true)).toBe(at)
    expect(time.parse('2026-11-21T04:00:00', false)).toBe(at)
  })
})
