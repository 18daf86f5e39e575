import { parseJson } from '../kit/json.ts'
import { textOf, valueAt } from './overrides.ts'

/** A scalar of a JSON document as text, no digit lost; undefined where there is none, or a list or an object. */
export const scalarIn = (document: string, pointer: string): string | undefined => textOf(valueAt(parseJson(document), pointer))
