import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { registry } from '../../../connectors/index.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { parseJsonExact } from '../../../src/kit/json.ts'
import { verifyParts } from '../../../src/kit/signing.ts'

interface Vector {
  readonly name: string
  readonly inputs: Readonly<Record<string, unknown>>
  readonly expected: string
  readonly source: string
}

const vectorsOf = (id: string): readonly Vector[] => {
  const file = new URL(`../../../connectors/${id}/signatures.json`, import.meta.url)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[]) : []
}
/** Names that vectors have for channels. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  pdd: 'pinduoduo',
  tiktok: 'tiktok-shop',
  wechat: 'wechat-shop',
  wechatpay: 'wechat-mini',
  woo: 'woocommerce',
}
/** A message in safe mode, as the vendor published it: what is expected is more than a signature. */
const wechat = {
  name: 'push_json_safe_mode',
  inputs: {
    token: 'AAAAA',
    encodingAESKey: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    appid: 'wxba5fad812f8e6fb9',
    timestamp: '1714112445',
    nonce: '415670741',
    Encrypt:
      '+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=',
  },
  expected: {
    msg_signature: '046e02f8204d34f8ba5fa3b1db94908f3df2e9b3',
    plaintext:
      '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}',
    tail_appid: 'wxba5fad812f8e6fb9',
    random16: 'a8eedb185eb2fecf',
  },
}
const all = [...registry.values()].flatMap(({ manifest, signing }) =>
  signing ? vectorsOf(manifest.id).map((vector) => ({ id: manifest.id, signing, vector })) : [],
)

/** Made by an independent program from the vendors' rules: texts beyond ASCII, empty and nested values, numbers of 64 bits, requests as they are sent. */
const odd = (
  parseJsonExact(readFileSync(new URL('odd-signatures.json', import.meta.url), 'utf8')) as readonly (Vector & { readonly channel: string })[]
).map((vector) => ({ vector, signing: registry.get(OTHER_NAMES[vector.channel] ?? vector.channel)?.signing }))

const reasonOf = (id: string, parts: Readonly<Record<string, unknown>>): string => {
  const signing = registry.get(id)?.signing
  try {
    signing?.sign(parts)
  } catch (error) {
    if (error instanceof ChannelError) return error.message
    throw error
  }
  return ''
}

describe('signatures', () => {
  it('of every channel that signs have vectors with a source', () => {
    const without = [...registry.values()].filter(
      ({ manifest, signing }) => signing && vectorsOf(manifest.id).every((vector) => vector.source === ''),
    )
    expect(without.map(({ manifest }) => manifest.id)).toEqual([])
  })

  it.each(all.map((one) => [`${one.id} ${one.vector.name}`, one] as const))('%s', (_, { signing, vector }) => {
    expect(signing.sign(vector.inputs).signature).toBe(vector.expected)
    expect(verifyParts(signing, { ...vector.inputs, signature: vector.expected })).toEqual({ valid: true })
    const flipped = (vector.expected.startsWith('A') ? 'B' : 'A') + vector.expected.slice(1)
    for (const wrong of [flipped, `${vector.expected}0`, vector.expected.slice(1), ''])
      expect(verifyParts(signing, { ...vector.inputs, signature: wrong })).toMatchObject({ valid: false, reason: expect.any(String) })
  })

  it.each([...registry.values()].filter((one) => one.signing).map((one) => [one.manifest.id, one.signing] as const))(
    '%s names a missing part',
    (_, signing) => {
      expect(() => signing?.sign({})).toThrow(ChannelError)
      expect(() => signing?.sign({})).toThrow(/is missing from the parts/)
    },
  )

  it.each(odd.map((one, at) => [`${at} ${one.vector.channel} ${one.vector.name}`, one] as const))('%s', (_, { signing, vector }) => {
    if (!signing) throw new Error(`No channel ${vector.channel} signs.`)
    expect(signing.sign(vector.inputs).signature).toBe(vector.expected)
    expect(verifyParts(signing, { ...vector.inputs, signature: vector.expected })).toEqual({ valid: true })
    const other = vector.expected.slice(0, -1) + (vector.expected.endsWith('0') ? '1' : '0')
    expect(verifyParts(signing, { ...vector.inputs, signature: other }).valid).toBe(false)
  })

  it('are not made of parts that cannot be what is sent', () => {
    expect(reasonOf('taobao', { secret: '\ud800', params: { a: 'b' } })).toMatch(/"secret" holds half a character/)
    expect(reasonOf('taobao', { secret: 's', params: { a: '\udfff' } })).toMatch(/"a" holds half a character/)
    expect(reasonOf('woocommerce', { secret: 's', body: { id: 1 } })).toMatch(/"body" has to be a text/)
    const request = { url: 'http://shop.test/x', consumer_key: 'ck', consumer_secret: 'cs', nonce: 'n', timestamp: 1 }
    expect(reasonOf('woocommerce', request)).toBe('')
    expect(reasonOf('woocommerce', { ...request, url: 'shop' })).toMatch(/"url" has to be a whole address/)
    expect(reasonOf('woocommerce', { ...request, timestamp: 'soon' })).toMatch(/"timestamp" has to be a number/)
    expect(reasonOf('woocommerce', { ...request, signature_method: 'PLAINTEXT' })).toMatch(/"PLAINTEXT" is no signing method/)
    expect(reasonOf('rest', { secret: 's', body: '', encoding: 'base32' })).toMatch(/"encoding"/)
    for (const id of ['kuaishou', 'lazada', 'meituan', 'taobao', 'jd', 'pinduoduo'])
      expect([id, reasonOf(id, { url: 'https://gw.test/x', path: '/x', signSecret: 's', secret: 's' })]).toEqual([
        id,
        expect.stringMatching(/missing/),
      ])
  })

  it('of a delivery in hexadecimal digits pass where the door takes them', () => {
    const parts = { client_secret: 'key', body: 'The quick brown fox jumps over the lazy dog' }
    const signing = registry.get('loyverse')?.signing
    expect(signing && verifyParts(signing, { ...parts, signature: 'de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9' })).toEqual({ valid: true })
    expect(signing && verifyParts(signing, { ...parts, signature: 'de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d8' })).toMatchObject({ valid: false })
  })

  it('come from the command line too, over a whole vector', () => {
    const [one] = all
    const run = (verb: string, given: unknown, id = one?.id ?? '') =>
      spawnSync(process.execPath, ['--import', 'tsx', 'src/app/cli.ts', 'channels', verb, id, '--json'], {
        input: JSON.stringify(given),
        encoding: 'utf8',
      })
    expect(JSON.parse(run('sign', one?.vector).stdout)).toMatchObject({ signature: one?.vector.expected, stringToSign: expect.any(String) })
    expect(JSON.parse(run('verify', one?.vector).stdout)).toEqual({ valid: true })
    const bad = run('sign', [])
    expect([bad.status, bad.stdout]).toEqual([2, ''])
    expect(JSON.parse(run('verify', wechat, 'wechat').stdout)).toEqual({ valid: true })
  }, 120_000)
})
