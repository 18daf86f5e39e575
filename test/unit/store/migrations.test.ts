import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { MIGRATIONS } from '../../../src/store/migrate.ts'

it('never edits a released migration: new ones are added behind', () => {
  const sums = Object.fromEntries(
    Object.entries(MIGRATIONS).map(([name, text]) => [name, createHash('sha256').update(text).digest('hex').slice(0, 16)]),
  )
  expect(sums).toMatchSnapshot()
})
