import { describe, expect, it } from 'vitest'
import { equalText, hmacBase64, hmacHex, percentEncode, signOAuth1 } from '../../../src/kit/sign.ts'

const request = {
  method: 'get',
  consumerKey: 'key',
  consumerSecret: 'secret&more',
  nonce: 'nonce',
  timestampSeconds: 1_795_000_000,
  algorithm: 'sha256' as const,
}

describe('signatures', () => {
  it('are the known digests, as base64 and as hex, of text and of bytes', () => {
    expect(hmacHex('sha256', 'key', 'The quick brown fox jumps over the lazy dog')).toBe(
      'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8',
    )
    expect(hmacHex('sha1', 'key', Buffer.from('The quick brown fox jumps over the lazy dog'))).toBe('de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9')
    expect(hmacBase64('sha1', 'key', 'The quick brown fox jumps over the lazy dog')).toBe('3nybhbi3iqa8ino29wqQcBydtNk=')
  })

  it('are equal only to themselves', () => {
    const texts = ['', 'a', 'b', 'ab', 'ä', 'A', 'a ', 'a\u0000']
    for (const a of texts) for (const b of texts) expect([a, b, equalText(a, b)]).toEqual([a, b, a === b])
  })

  it('encode every character the standard reserves, in upper case', () => {
    expect(percentEncode("aZ09-._~ !'()*/?&=+%ä")).toBe('aZ09-._~%20%21%27%28%29%2A%2F%3F%26%3D%2B%25%C3%A4')
  })

  it('cover method, address, every parameter and its order, and carry no signature of before', () => {
    const sign = (over: Partial<Parameters<typeof signOAuth1>[0]> = {}): URL =>
      new URL(signOAuth1({ ...request, url: 'https://shop.example/a?b=2&a=1&a=0', ...over }))
    const signature = (url: URL): string | null => url.searchParams.get('oauth_signature')
    const base = sign()
    expect([...base.searchParams.keys()]).toEqual([
      'b',
      'a',
      'a',
      'oauth_consumer_key',
      'oauth_nonce',
      'oauth_signature_method',
      'oauth_timestamp',
      'oauth_signature',
    ])
    expect(base.searchParams.get('oauth_signature_method')).toBe('HMAC-SHA256')
    expect(base.searchParams.get('oauth_timestamp')).toBe('1795000000')
    expect(signature(base)).toBe(
      hmacBase64(
        'sha256',
        'secret%26more&',
        'GET&https%3A%2F%2Fshop.example%2Fa&a%3D0%26a%3D1%26b%3D2%26oauth_consumer_key%3Dkey%26oauth_nonce%3Dnonce%26oauth_signature_method%3DHMAC-SHA256%26oauth_timestamp%3D1795000000',
      ),
    )
    expect(signature(sign({ url: 'https://shop.example/a?a=1&b=2&a=0' }))).toBe(signature(base))
    const changes = [
      { method: 'post' },
      { url: 'https://shop.example/b?b=2&a=1&a=0' },
      { url: 'https://shop.example/a?b=2&a=1' },
      { nonce: 'other' },
      { timestampSeconds: 1 },
      { consumerSecret: 'x' },
      { consumerKey: 'x' },
      { version: '1.0' },
      { algorithm: 'sha1' as const },
    ]
    for (const change of changes) expect([change, signature(sign(change)) === signature(base)]).toEqual([change, false])
    expect(sign({ version: '1.0' }).searchParams.get('oauth_version')).toBe('1.0')
    // Signed again, the parameters of the protocol are replaced, not doubled.
    const twice = new URL(signOAuth1({ ...request, url: 'https://shop.example/a?oauth_nonce=old&x=%C3%A4' }))
    expect(twice.searchParams.getAll('oauth_nonce')).toEqual(['nonce'])
    expect(twice.search).toContain('x=%C3%A4')
  })
})
