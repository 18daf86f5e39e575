export type Search = Readonly<Record<string, string>>

/** Keeps the non-empty string parameters of an address, whatever else stands in it. */
export const plainSearch = (search: Record<string, unknown>): Search => {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(search)) if (typeof value === 'string' && value !== '') kept[name] = value
  return kept
}

/**
 * Search parameters are plain texts. The router's own coding reads digits as a number, and an order number must come
 * back from the address bar as it went in.
 */
export const parseSearch = (text: string): Search => plainSearch(Object.fromEntries(new URLSearchParams(text)))

export const stringifySearch = (search: Record<string, unknown>): string => {
  const text = new URLSearchParams(plainSearch(search)).toString()
  return text === '' ? '' : `?${text}`
}
