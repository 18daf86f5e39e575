import type { OpenedParty } from '../store/read/raw.ts'

/** Adds `pii` as the last member of a JSON object's text. */
export const splicePii = (json: string, pii: OpenedParty | undefined): string =>
  pii === undefined ? json : `${json.slice(0, json.lastIndexOf('}'))}, "pii": ${JSON.stringify(pii)}}`
