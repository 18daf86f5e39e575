import { parseSearchWith, stringifySearchWith } from '@tanstack/react-router'

export type Search = Readonly<Record<string, string>>

/**
 * Search parameters are plain strings. The router's own coding reads "4417065288130721945" as a number and
 * would round it, and an order number must come back from the address bar as it went in.
 */
export const parseSearch = parseSearchWith((value) => value)
export const stringifySearch = stringifySearchWith(String)

/** Keeps the non-empty string parameters of an address, whatever else stands in it. */
export const plainSearch = (search: Record<string, unknown>): Search => {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(search)) if (typeof value === 'string' && value !== '') kept[name] = value
  return kept
}
