import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const folder = join(import.meta.dirname, '../../mutants')
const root = join(import.meta.dirname, '../../..')

interface Mutant {
  readonly edits: readonly { readonly file: string; readonly search: string }[]
}

it.each(readdirSync(folder).filter((name) => name.endsWith('.json')))('%s still finds the one place it breaks', (name) => {
  const mutant: Mutant = JSON.parse(readFileSync(join(folder, name), 'utf8'))
  for (const { file, search } of mutant.edits) expect(readFileSync(join(root, file), 'utf8').split(search), file).toHaveLength(2)
})
