/** What a call may carry. Ids of 64 bits go as `bigint`: the channel takes them as numbers, and a JS number would lose digits. */
export type Param = string | number | bigint | boolean | readonly Param[] | { readonly [name: string]: Param | undefined }

/**
 * The one text that is both signed and sent: keys sorted at every depth, no spaces, no escapes but those JSON demands (the
 * vendor's own client sorts the same way, utils/sign_util.go `Marshal`).
 */
export function paramJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map(paramJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, member]) => `${JSON.stringify(name)}:${paramJson(member)}`)
  return `{${members.join(',')}}`
}

/** An id of the channel as it wants it: a number of any length. Only for texts of digits. */
export const int64 = (digits: string): bigint => BigInt(digits)

/** Ids of this channel are digits, up to 19 of them. */
export const isId = (text: string): boolean => /^\d{1,20}$/.test(text)
