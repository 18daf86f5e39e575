/** What a call may carry. Ids of 64 bits go as `bigint`: the channel takes them as numbers, and a JS number would lose digits. */
export type Param = string | number | bigint | boolean | readonly Param[] | { readonly [name: string]: Param | undefined }

/** JSON in which a `bigint` is a number with all its digits; members that are undefined are left out, the rest stay in their order. */
export function int64Json(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map((each: unknown) => int64Json(each)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  return `{${Object.entries(value)
    .flatMap(([name, member]: [string, unknown]) => (member === undefined ? [] : [`${JSON.stringify(name)}:${int64Json(member)}`]))
    .join(',')}}`
}
