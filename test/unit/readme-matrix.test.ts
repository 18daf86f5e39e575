import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { channelMatrix, withMatrix } from '../../scripts/gen-matrix.ts'

const readme = readFileSync('README.md', 'utf8')

test('README shows the channels as their manifests declare them', () => {
  expect(withMatrix(readme)).toBe(readme)
})

test('a table that was edited by hand is noticed', () => {
  const [first] = registry.values()
  const edited = readme.replace(`| [${first?.manifest.title.en}]`, '| [Another channel]')
  expect(edited).not.toBe(readme)
  expect(withMatrix(edited)).toBe(readme)
})

test('every channel has a row and a page', () => {
  for (const { manifest } of registry.values()) {
    expect(channelMatrix()).toContain(`(docs/channels/${manifest.id}.md)`)
    expect(existsSync(`docs/channels/${manifest.id}.md`), `docs/channels/${manifest.id}.md`).toBe(true)
  }
})
