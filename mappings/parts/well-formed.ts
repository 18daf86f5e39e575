/** Text as a database takes it: NUL and halves of surrogate pairs become U+FFFD. */
export const wellFormed = (value: string): string =>
  value.replace(/\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
