/**
 * Encodes the way PHP's json_encode does with its default flags, because that is what travels: slashes escaped,
 * everything beyond ASCII as \uXXXX. A bigint becomes a bare number, which is how a plugin's 19-digit id arrives.
 */
export function phpJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${mark}${inner}${mark}` : inner))
  return text
    .replace(bareInteger, '$1')
    .replaceAll('/', '\\/')
    .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A private-use character cannot occur in what a shopper types. */
const mark = '\uf8ff'
const bareInteger = new RegExp(`"${mark}(-?\\d+)${mark}"`, 'g')
