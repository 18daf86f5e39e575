import { list, text } from '../parts/read.ts'

/** The value kept under a key of `meta_data`; plugins put anything there. */
export const metaValue = (doc: unknown, key: string): unknown => {
  const found = list(doc, '/meta_data').find(({ value }) => text(value, '/key') === key)
  return typeof found?.value === 'object' && found.value !== null && 'value' in found.value ? found.value.value : undefined
}
