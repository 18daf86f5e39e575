/**
 * Encodes the way PHP's json_encode does with its default flags, because that is what travels: slashes escaped,
 * everything beyond ASCII as \uXXXX, and `bareInteger`s as numbers of any length.
 */
export function phpJson(value: unknown): string {
  const text = JSON.stringify(value)
  const numbered = text.includes(mark) ? text.replace(bareIntegers, '$1') : text
  return numbered.replaceAll('/', '\\/').replace(/[\u007f-\uffff]+/g, escapeRun)
}

/** A plugin's 19-digit id: a JSON number that no JavaScript number holds. */
export function bareInteger(value: bigint): string {
  return `${mark}${value}${mark}`
}

/** A private-use character does not occur in what a shopper types. */
const mark = '\uf8ff'
const bareIntegers = new RegExp(`"${mark}(-?\\d+)${mark}"`, 'g')

/** Per UTF-16 unit, as PHP does: a character beyond the basic plane becomes a surrogate pair. */
function escapeRun(run: string): string {
  return Array.from({ length: run.length }, (_, i) => `\\u${run.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')
}
