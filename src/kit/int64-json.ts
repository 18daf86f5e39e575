/** What a call may carry. Ids of 64 bits go as `bigint`: the channel takes them as numbers, and a JS number would lose digits. */
export type Param = string | number | bigint | boolean | readonly Param[] | { readonly [name: string]: Param | undefined }

/** JSON in which a `bigint` is a number with all its digits; members that are undefined are left out, the rest stay in their order. */
export function int64Json(value: Param): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map(int64Json).join(',')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .flatMap(([name, member]) => (member === undefined ? [] : [`${JSON.stringify(name)}:${int64Json(member)}`]))
    .join(',')}}`
}
