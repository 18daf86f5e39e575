import { readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'

const GROUPS: Readonly<Record<string, readonly [number, number]>> = { A: [1, 40], W: [41, 56], F: [57, 82], C: [83, 95], M: [96, 109] }

it('has a test for each number of the catalogue, and one only', () => {
  const folder = new URL('../../bad-input/', import.meta.url)
  const texts = readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  const found = texts.flatMap((text) => [...text.matchAll(/['"`]B-([A-Z]) (\d+) \S/g)].map((match) => `B-${match[1]} ${match[2]}`))
  const wanted = Object.entries(GROUPS).flatMap(([group, [first, last]]) =>
    Array.from({ length: last - first + 1 }, (_, i) => `B-${group} ${first + i}`),
  )
  expect(wanted).toHaveLength(109)
  expect(found.toSorted()).toEqual(wanted.toSorted())
})
