import { describe, expect, it } from 'vitest'
import { base32, stepAt, stepOfCode, totpCode, totpUri } from '../../../src/store/people/totp.ts'

/** The secret and the times of RFC 6238, appendix B; its codes have eight digits, of which an app shows the last six. */
const SECRET = Buffer.from('12345678901234567890')
const VECTORS = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
] as const
const at = (seconds: number): Date => new Date(seconds * 1000)

describe('codes of an authenticator app', () => {
  it('are those of the standard', () => {
    for (const [seconds, code] of VECTORS) expect(totpCode(SECRET, stepAt(at(seconds)))).toBe(code.slice(2))
  })

  it('count half a minute before and after, and not longer', () => {
    const step = stepAt(at(1_111_111_109))
    expect([-31, 0, 29].map((late) => stepOfCode(SECRET, '081804', at(1_111_111_109 + late)))).toEqual([step, step, step])
    expect(stepOfCode(SECRET, '081804', at(1_111_111_109 + 62))).toBeUndefined()
    expect(stepOfCode(SECRET, '081804', at(1_111_111_109 - 62))).toBeUndefined()
    for (const wrong of ['', '08180', '0818040', '08180x', '      ', '０８１８０４'])
      expect(stepOfCode(SECRET, wrong, at(1_111_111_109))).toBeUndefined()
  })

  it('are handed to the app as RFC 4648 text and as an address', () => {
    expect(base32(SECRET)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    expect(base32(Buffer.from('foobar'))).toBe('MZXW6YTBOI')
    expect(totpUri(SECRET, '小美 & co')).toBe(
      'otpauth://totp/Channel%20Hub:%E5%B0%8F%E7%BE%8E%20%26%20co?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Channel%20Hub',
    )
  })
})
