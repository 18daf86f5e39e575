import { expect } from 'vitest'
import type { Answer } from '../http/hub-app.ts'

/** How a refusal has to look. `pointer` is one of the places it names. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly pointer?: string
}

/** What no answer may show: our frames, files and folders, SQL, a driver's words. */
export const INSIDES =
  /\n\s+at |node_modules|\.(ts|js|mjs):\d+|\/(work|home|root|tmp|usr|var)\/|\b(select|insert into|update|delete from)\s+["\w]+\s+(from|set|where|values)\b|syntax error|pg_|duplicate key value|violates|relation "|ECONN|ENOENT/i

/** A client error as a problem document (RFC 9457), whole and without a look inside. */
export function expectRefusal(answer: Answer, wanted: Refusal): void {
  expect([answer.status, answer.json?.code ?? answer.text.slice(0, 200)]).toEqual([wanted.status, wanted.code])
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.json).toMatchObject({ type: `urn:problem:channel-hub:${wanted.code}`, status: wanted.status })
  for (const text of [answer.json.title, answer.json.detail, answer.json.trace_id]) expect(text).toMatch(/\S/)
  expect(answer.text).not.toMatch(INSIDES)
  if (wanted.pointer !== undefined) expect(answer.json.errors.map((error: { readonly pointer: string }) => error.pointer)).toContain(wanted.pointer)
}
