import { describe, expect, it } from 'vitest'
import { plainWords, quotedWords } from '../../../src/kit/vendor-words.ts'

describe('the words of a refusal', () => {
  it.each([
    ['运单号不符合规则', ': “运单号不符合规则”'],
    ['The parcel was sent already.', ': “The parcel was sent already”'],
    ["You can't ship it, and we won't.", ": “You can't ship it, and we won't”"],
    ['', ''],
    ['…', ''],
    [' \n\t', ''],
  ])('%j', (text, expected) => expect(quotedWords(text)).toBe(expected))

  it('are cut where they go on for ever', () => expect(quotedWords('x y '.repeat(500)).length).toBeLessThan(90))

  it.each([
    ['mail to jane.roe+x@example.com please', 'jane'],
    ['call +86 138 0013 8000 now', '0013'],
    ['order 4012345678901234718 is closed', '4012345678901234718'],
    ['buyer "Jane Roe" left', 'Jane'],
    ['买家【张三】已退款', '张三'],
    ['<b onclick="x">bold</b>', '<b'],
    ['token 9f8a7c6b5d4e3f2a1b0c9d8e7f6a5b4c ended', '9f8a7c6b5d4e3f2a'],
  ])('%j keeps nothing personal or secret', (text, gone) => {
    expect(plainWords(text)).not.toContain(gone)
    expect(plainWords(text)).not.toBe('')
  })
})
