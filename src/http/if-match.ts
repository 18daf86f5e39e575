import { Problem } from './problem.ts'

/**
 * The version a caller wants to change (`If-Match: "7"`); undefined when it does not care.
 * @throws Problem 412 for a tag this API never gave out
 */
export function etagVersion(request: Request): number | undefined {
  const header = request.headers.get('if-match')
  if (header === null || header === '*') return undefined
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header.trim())?.[1]
  if (version === undefined) throw new Problem(412, 'version-stale', 'If-Match names no version of this.')
  return Number(version)
}

/** @throws Problem 412 when the thing has moved on since the caller read it */
export function requireVersion(request: Request, actual: number): void {
  const expected = etagVersion(request)
  if (expected !== undefined && expected !== actual) throw new Problem(412, 'version-stale', `This has version ${actual} now. Load it again.`)
}
