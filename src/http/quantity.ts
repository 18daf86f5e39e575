import { z } from 'zod'

const DECIMAL = 'must be a decimal string or a whole number'

/** Decimal text, six decimals at most; a whole number is exact as a JSON number too. */
export const unsigned = z.union([z.string().regex(/^\d{1,12}(\.\d{1,6})?$/, DECIMAL), z.int().min(0).max(999_999_999_999)], DECIMAL).transform(String)
export const signed = z
  .union([z.string().regex(/^-?\d{1,12}(\.\d{1,6})?$/, DECIMAL), z.int().min(-999_999_999_999).max(999_999_999_999)], DECIMAL)
  .transform(String)
export const positive = unsigned.refine((value) => Number(value) > 0, 'must be above zero')
