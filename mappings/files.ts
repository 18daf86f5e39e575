import { fileDocument } from '../src/core/file-document.ts'
import { DomainError, MappingError } from '../src/core/fault.ts'
import { connectionFieldMap } from '../src/core/field-map-presets.ts'
import type { FieldMap } from '../src/core/field-map.ts'
import type { MapContext, Mapping } from '../src/core/mapping.ts'
import { mapFileDocument } from './field-map.ts'
import { extraPlace } from './parts/places.ts'

/** Rows of a file → order or refund, by the field map in the connection's settings. */
export const files: Mapping = {
  channel: 'files',
  version: 1,
  map: (raw, context) => {
    const document = fileDocument(raw.doc)
    if (document === undefined) throw new MappingError('payload-unreadable', 'The document is not rows of a file.')
    return mapFileDocument(document, raw.externalId, fieldMapOf(context), context)
  },
  places: extraPlace,
}

/** Settings objects are never changed in place, so one reading of the field map serves every document mapped with it. */
const resolved = new WeakMap<MapContext['config'], FieldMap>()

function fieldMapOf(context: MapContext): FieldMap {
  const known = resolved.get(context.config)
  if (known !== undefined) return known
  try {
    const map = connectionFieldMap(context.config)
    resolved.set(context.config, map)
    return map
  } catch (error) {
    if (error instanceof DomainError) throw new MappingError(error.code, error.message, undefined, { cause: error })
    throw error
  }
}
