const SPECIAL = /["\\]/g

/** A `text[]` as PostgreSQL reads it. What the driver makes of an array costs as much as the statement it is for, where there are thousands. */
export function textArray(values: readonly (string | null)[]): string {
  let text = '{'
  for (const value of values) {
    if (text !== '{') text += ','
    text += value === null ? 'NULL' : `"${SPECIAL.test(value) ? value.replaceAll(SPECIAL, String.raw`\$&`) : value}"`
    SPECIAL.lastIndex = 0
  }
  return `${text}}`
}

/** An array whose elements need no quoting. */
export const bareArray = (values: readonly (string | number | null)[]): string => `{${values.map((value) => value ?? 'NULL').join()}}`

/** Arrays as PostgreSQL writes them, one after the other as one. */
export const joined = (arrays: readonly string[]): string => `{${arrays.map((array) => array.slice(1, -1)).join()}}`
