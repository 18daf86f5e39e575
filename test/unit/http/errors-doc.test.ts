import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const sources = ['src/http', 'src/deliver', 'src/store/edit', 'src/store/people', 'src/store/deliver', 'src/core/carriers.ts'].flatMap((path) =>
  path.endsWith('.ts')
    ? [path]
    : readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(path, file)),
)

describe('docs/errors.md', () => {
  it('lists every code the API can answer', () => {
    const listed = new Set([...readFileSync('docs/errors.md', 'utf8').matchAll(/`([a-z][a-z0-9-]+)`/g)].map((match) => match[1]))
    const thrown = sources.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/(?:new Problem\(\d+|new DomainError\(|this\.refuse\()[\s,]*'([a-z][a-z-]+)'/g)].map(
        (match) => match[1] ?? '',
      ),
    )
    expect(thrown.length).toBeGreaterThan(60)
    expect([...new Set(thrown)].filter((code) => !listed.has(code))).toEqual([])
  })
})
