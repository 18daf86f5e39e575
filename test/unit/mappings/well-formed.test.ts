import { expect, it } from 'vitest'
import { wellFormed } from '../../../mappings/parts/well-formed.ts'

it.each([
  ['茶 🍵 tea', '茶 🍵 tea'],
  ['a\0b\0', 'a\ufffdb\ufffd'],
  ['cut \ud83c', 'cut \ufffd'],
  ['\udf75 cut', '\ufffd cut'],
  ['🍵\udf75\0\ud83c🍵', '🍵\ufffd\ufffd\ufffd🍵'],
])('puts a sign in the place of what no database takes: %j', (text, kept) => {
  expect(wellFormed(text)).toBe(kept)
})
