import { randomInt } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** A short random id with a speaking prefix: `c_4k9x…` (50 bits), safe in URLs, file names and double-clicks. */
export const newId = (prefix: 'c' | 'u' | 'k' | 'j' | 'f' | 'd' | 'r', length = 10): string => {
  const random = Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return prefix === 'k' ? random : `${prefix}_${random}`
}
