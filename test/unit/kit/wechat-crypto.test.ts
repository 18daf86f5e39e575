import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChannelError } from '../../../src/core/fault.ts'
import { decryptPush, encryptPush, pushSignature, xmlText } from '../../../src/kit/wechat-crypto.ts'

/** From the channel's page about message push, in safe mode with JSON. */
const official = {
  key: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  encrypt:
    '+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=',
}
/** Of the sample that WeCom ships with its own libraries, in XML. */
const wecom = {
  key: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C',
  encrypt:
    'RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==',
}

describe('signatures of pushed messages', () => {
  it('are those the channel publishes', () => {
    expect(pushSignature(['AAAAA', '1714037059', '486452656'])).toBe('899cf89e464efb63f54ddac96b0a0a235f53aa78')
    expect(pushSignature(['AAAAA', '1714112445', '415670741', official.encrypt])).toBe('046e02f8204d34f8ba5fa3b1db94908f3df2e9b3')
    expect(pushSignature(['QDG6eK', '1409659813', '1372623149', wecom.encrypt])).toBe('477715d11cdb4164915debcba66cb864d751f3e6')
  })
})

describe('encrypted messages', () => {
  it('are read as the channel publishes them, JSON and XML', () => {
    expect(decryptPush(official.encrypt, official.key)).toEqual({
      text: '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}',
      receiver: 'wxba5fad812f8e6fb9',
    })
    const { text, receiver } = decryptPush(wecom.encrypt, wecom.key)
    expect([receiver, xmlText(text, 'Content'), xmlText(text, 'CreateTime'), xmlText(text, 'Nothing')]).toEqual([
      'wx5823bf96d3bd56c7',
      'hello',
      '1409659813',
      undefined,
    ])
  })

  it('are written as a known client of the channel writes them', () => {
    const message = { text: '我是中文abcd123', receiver: 'wxb11529c136998cb6' }
    const encrypt = encryptPush(message, 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG', Buffer.from('aaaabbbbccccdddd'))
    expect(encrypt).toBe('jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==')
    expect(decryptPush(encrypt, 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG')).toEqual(message)
  })

  it('come back whole, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.uint8Array({ minLength: 16, maxLength: 16 }), (text, random) => {
        const message = { text, receiver: 'wx1' }
        expect(decryptPush(encryptPush(message, official.key, random), official.key)).toEqual(message)
      }),
    )
  })

  it('that are damaged, short or of another key end as a fault and show nothing', () => {
    for (const [encrypt, key] of [
      [official.encrypt, wecom.key],
      [official.encrypt.slice(0, 44), official.key],
      ['', official.key],
      ['AAAA', official.key],
      [Buffer.alloc(32).toString('base64'), official.key],
      ['not base64 at all €', official.key],
      [official.encrypt, 'short'],
      [official.encrypt, `${official.key}A`],
    ] as const)
      expect(() => decryptPush(encrypt, key)).toThrow(ChannelError)
  })
})
