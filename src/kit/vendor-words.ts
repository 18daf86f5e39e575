/** What another side said, as one line that can be stored and shown: PostgreSQL takes no NUL. */
export const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f]+/g, ' ')

/** A channel's own sentence, without what could be personal or secret: markup, mail addresses, quoted values, long numbers and codes. */
export const plainWords = (text: string): string =>
  printable(text.replace(/<[^>]*>/g, ''))
    .replace(/\S+@\S+/g, '…')
    .replace(/["“「【][^"”」】]*["”」】]/g, '…')
    .replace(/\+?\d[\d\s-]{5,}\d/g, '…')
    .replace(/[A-Za-z0-9+/=_-]{20,}/g, '…')
    .trim()

const LONGEST = 80

/** The sentence of a refusal as it stands behind its code (`: “运单号不符合规则”`), for the person who has to mend it; empty where nothing is left of it. */
export function quotedWords(text: string): string {
  const words = plainWords(text)
    .slice(0, LONGEST)
    .replace(/[.。\s…]+$/, '')
  return words === '' ? '' : `: “${words}”`
}
