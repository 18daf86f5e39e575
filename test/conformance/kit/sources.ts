import { readdirSync } from 'node:fs'
import { placeOf } from './folders.ts'

/** The connector's own source files. */
export const sourcesOf = (id: string): readonly URL[] =>
  readdirSync(placeOf(id, '.'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => placeOf(id, name))
