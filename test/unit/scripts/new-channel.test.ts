import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { planChannel } from '../../../scripts/new-channel.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

describe('npm run new', () => {
  it('plans every part of a channel under its own names, with nothing left of the template', () => {
    const { files } = planChannel(root, 'acme-9-shop', 'Acme & Co')
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([
        'connectors/acme-9-shop/index.ts',
        'connectors/acme-9-shop/fixtures/order-example.json',
        'mappings/acme-9-shop.ts',
        'sandbox/acme-9-shop/index.ts',
        'docs/channels/acme-9-shop.md',
      ]),
    )
    for (const [path, text] of files) expect([path, /__\w+__/.exec(text)?.[0]]).toEqual([path, undefined])
    expect(files.get('connectors/acme-9-shop/index.ts')).toContain('export const acme9Shop = defineConnector(')
    expect(files.get('docs/channels/acme-9-shop.md')).toContain('# Acme & Co')
  })

  it.each(['aaa-first', 'zzz-last', 'mmm'])('registers %s once in every list, beside all that were there', (id) => {
    const { changed } = planChannel(root, id)
    const name = id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    for (const [path, text] of changed) {
      const before = readFileSync(`${root}/${path}`, 'utf8')
      expect(text.split(`/${id}`).length).toBe(2)
      for (const line of before.split('\n').filter((each) => each.startsWith('import '))) expect(text).toContain(line)
      if (path === 'sandbox/server.ts') continue
      const [all = ''] = /const all: [^\]]*\]\s*= \[[^\]]*\]/.exec(text) ?? []
      expect(all).toMatch(new RegExp(`\\b${name}\\b`))
      expect(all).toMatch(/\bwoocommerce\b/)
    }
    expect(changed.get('sandbox/server.ts')).toMatch(new RegExp(`^  '?${id}'?: \\(options\\) => create`, 'm'))
  })

  it.each([
    ['woocommerce', /is there already/],
    ['field-map', /is there already/],
    ['', /is no id/],
    ['Acme', /is no id/],
    ['-acme', /is no id/],
    ['a--b', /is no id/],
    ['9shop', /is no id/],
    ['../evil', /is no id/],
    ['a b', /is no id/],
    ['x'.repeat(31), /is no id/],
    ['class', /the word is taken/],
    ['registry', /the word is taken/],
  ])('refuses "%s"', (id, why) => {
    expect(() => planChannel(root, id)).toThrow(why)
  })

  it.each(["it's", '<b>', ''])('refuses the title "%s"', (title) => {
    expect(() => planChannel(root, 'acme-shop', title)).toThrow(/title/)
  })
})
