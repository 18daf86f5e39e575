import { createHash } from 'node:crypto'

/** Names of files that are still being written, or are ours. */
const UNFINISHED = /^\.|^~\$|\.(part|partial|tmp|filepart|crdownload|done)$|\.report\.csv$/i

/** A name that stays inside its folder. Servers can list anything, so it is checked before it is ever joined to a path. */
export const isPlainName = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && name.length <= 255 && !/[/\\\p{Cc}]/u.test(name)

/** Whether a listed file is one to read: plain, finished, fits the pattern ("*" any text, "?" one character). */
export function isWanted(name: string, pattern: string): boolean {
  return isPlainName(name) && !UNFINISHED.test(name) && matchesPattern(name.toLowerCase(), pattern.toLowerCase())
}

/** Greedy wildcard match without backtracking blow-up. */
function matchesPattern(name: string, pattern: string): boolean {
  let n = 0
  let p = 0
  let star = -1
  let mark = 0
  while (n < name.length) {
    if (p < pattern.length && (pattern[p] === '?' || (pattern[p] !== '*' && pattern[p] === name[n]))) {
      n++
      p++
    } else if (pattern[p] === '*') {
      star = p++
      mark = n
    } else if (star >= 0) {
      p = star + 1
      n = ++mark
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** "20261122T054300Z": sorts by time and is allowed in file names everywhere. */
export const stamp = (at: Date): string => at.toISOString().replace(/[-:]|\.\d+/g, '')

/** An id as part of a file name: readable, and different ids never share a name. */
export function nameOf(id: string): string {
  const plain = id.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 60)
  return plain === id ? plain : `${plain}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`
}
