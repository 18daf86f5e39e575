import { describe, expect, it } from 'vitest'
import { ChannelError } from '../../../src/core/fault.ts'
import { parseXml } from '../../../src/kit/xml.ts'

const refused = async (text: string): Promise<string> =>
  parseXml(text).then(
    () => 'accepted',
    (error: unknown) => (error instanceof ChannelError ? error.message : 'other'),
  )

describe('parseXml', () => {
  it('makes every child a list, one or many', async () => {
    const doc = await parseXml('<?xml version="1.0"?><!-- <x> --><orders a="1>2"><order><no>007</no></order><![CDATA[<raw>]]></orders>')
    expect(doc['orders']).toMatchObject({ $: { a: '1>2' }, order: [{ no: [{ _: '007' }] }] })
  })

  it.each([
    ['an outside entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'type declaration'],
    ['a billion laughs', `<!DOCTYPE l [<!ENTITY a "${'ha'.repeat(9)}"><!ENTITY b "&a;&a;">]><l>&b;</l>`, 'type declaration'],
    ['a hidden declaration', '<!--x--> <!doctype a><a/>', 'type declaration'],
    ['two roots', '<a/><b/>', 'more than one root'],
    ['a NUL', '<a>\u0000</a>', 'NUL'],
    ['deep nesting', '<a>'.repeat(10_000), 'deeper'],
    ['too many bytes', `<a>${'x'.repeat(2_000_001)}</a>`, 'larger'],
    ['an HTML page', '<html><body>error</body></html>', 'HTML'],
    ['an HTML doctype', '<!DOCTYPE html><html></html>', 'HTML'],
    ['a cut-off document', '<a><b>1</b>', 'not well-formed'],
    ['nothing', '  ', 'no XML element'],
  ])('refuses %s', async (_, text, reason) => {
    expect(await refused(text)).toContain(reason)
  })

  it('looks at a hostile half-tag document in linear time', async () => {
    const startedAt = performance.now()
    await refused(`<a ${'<a "'.repeat(400_000)}`)
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })
})
