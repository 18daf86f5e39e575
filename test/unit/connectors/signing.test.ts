import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { registry } from '../../../connectors/index.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { verifyParts } from '../../../src/kit/signing.ts'

interface Vector {
  readonly name: string
  readonly inputs: Readonly<Record<string, unknown>>
  readonly expected: string
  readonly source: string
}

const vectorsOf = (id: string): readonly Vector[] => {
  const file = new URL(`../../../connectors/${id}/signatures.json`, import.meta.url)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[]) : []
}
const all = [...registry.values()].flatMap(({ manifest, signing }) =>
  signing ? vectorsOf(manifest.id).map((vector) => ({ id: manifest.id, signing, vector })) : [],
)

describe('signatures', () => {
  it('of every channel that signs have vectors with a source', () => {
    const without = [...registry.values()].filter(
      ({ manifest, signing }) => signing && vectorsOf(manifest.id).every((vector) => vector.source === ''),
    )
    expect(without.map(({ manifest }) => manifest.id)).toEqual([])
  })

  it.each(all.map((one) => [`${one.id} ${one.vector.name}`, one] as const))('%s', (_, { signing, vector }) => {
    expect(signing.sign(vector.inputs).signature).toBe(vector.expected)
    expect(verifyParts(signing, { ...vector.inputs, signature: vector.expected })).toEqual({ valid: true })
    const flipped = (vector.expected.startsWith('A') ? 'B' : 'A') + vector.expected.slice(1)
    for (const wrong of [flipped, `${vector.expected}0`, vector.expected.slice(1), ''])
      expect(verifyParts(signing, { ...vector.inputs, signature: wrong })).toMatchObject({ valid: false, reason: expect.any(String) })
  })

  it.each([...registry.values()].filter((one) => one.signing).map((one) => [one.manifest.id, one.signing] as const))(
    '%s names a missing part',
    (_, signing) => {
      expect(() => signing?.sign({})).toThrow(ChannelError)
      expect(() => signing?.sign({})).toThrow(/is missing from the parts/)
    },
  )

  it('come from the command line too, over a whole vector', () => {
    const [one] = all
    const run = (verb: string, given: unknown) =>
      spawnSync(process.execPath, ['--import', 'tsx', 'src/app/cli.ts', 'channels', verb, one?.id ?? '', '--json'], {
        input: JSON.stringify(given),
        encoding: 'utf8',
      })
    expect(JSON.parse(run('sign', one?.vector).stdout)).toMatchObject({ signature: one?.vector.expected, stringToSign: expect.any(String) })
    expect(JSON.parse(run('verify', one?.vector).stdout)).toEqual({ valid: true })
    const bad = run('sign', [])
    expect([bad.status, bad.stdout]).toEqual([2, ''])
  }, 120_000)
})
