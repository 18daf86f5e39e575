const NUL = '\0'
const BROKEN = /\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Text as a database takes it: NUL and halves of surrogate pairs become U+FFFD. Nearly all text is fine and only looked at. */
export const wellFormed = (value: string): string => (value.isWellFormed() && !value.includes(NUL) ? value : value.replace(BROKEN, '\ufffd'))
