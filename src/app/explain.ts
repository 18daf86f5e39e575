import { createHash } from 'node:crypto'
import { mappingName, type Mapping } from '../core/mapping.ts'
import type { ExplainRequest, ValueRequest } from '../http/control.ts'
import { explainValue, valueNow, type Explained } from '../normalize/explain-order.ts'
import type { CanonicalValue } from '../normalize/explain-values.ts'
import type { ConnectionContext } from '../normalize/prepare.ts'

/** A mapping and what it knows of the connection: what a document means depends on both. */
export interface Reading {
  readonly mapping: Mapping
  readonly context: ConnectionContext
}

/** Where a value comes from, by the mapping and the settings in force. */
export async function explainIn(
  { mapping, context }: Reading,
  input: ExplainRequest,
): Promise<{ readonly explained?: Explained; readonly mapping: string }> {
  const key = createHash('sha256')
    .update(JSON.stringify([input.rawId, mappingName(mapping), context]))
    .digest('hex')
  const explained = await explainValue({ ...input, key }, mapping, context)
  return { mapping: mappingName(mapping), ...(explained && { explained }) }
}

export const valueIn = ({ mapping, context }: Reading, input: ValueRequest): CanonicalValue | undefined => valueNow(input, mapping, context)
