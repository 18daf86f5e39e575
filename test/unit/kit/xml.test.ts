import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChannelError } from '../../../src/core/fault.ts'
import { parsePlainXml } from '../../../src/kit/xml-plain.ts'
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

describe('parsePlainXml', () => {
  /** A comment behind the root changes nothing, and only the whole parser reads past it. */
  const whole = async (text: string): Promise<string> => JSON.stringify(await parseXml(`${text}<!-- -->`))

  it.each([
    '<?xml version="1.0" encoding="UTF-8"?>\n<a>\n <b>1</b> <c x="1" y=">"/>\n</a>\n',
    '<a><b/><b> </b><b x="1"> </b><b x="1">2</b><b x="1"/><c><d>é 漢 😀 \u00a0</d></c><b>last</b></a>',
    '<a>Tea &amp; &lt;milk&gt; &quot;&apos;</a>',
    '<ns:a xmlns:ns="urn:x"><ns:b.c-d_1>]]> \r\n</ns:b.c-d_1></ns:a>',
  ])('reads %s as the whole parser does', async (text) => {
    expect(JSON.stringify(parsePlainXml(text))).toBe(await whole(text))
  })

  it.each([
    ...['<a>1<b/></a>', '<a><![CDATA[1]]></a>', '<a><!-- --></a>', '<a>&#65;</a>', '<a>&nbsp;</a>', '<a>&amp</a>', '<a x="&amp;"/>', "<a x='1'/>"],
    ...['<a></b>', '<a>', '<a', '<a x="1" x="2"/>', '<a x="1"y="2"/>', '<a/><b/>', '<a/>x', 'x<a/>', '<!DOCTYPE a><a/>', '<a><!DOCTYPE b></a>', ''],
    ...[
      '<a><__proto__/></a>',
      '<a __proto__="1"/>',
      '<a><constructor/></a>',
      '<a><_>1</_></a>',
      '<1/>',
      '<a><?x?></a>',
      '<a>'.repeat(101) + '</a>'.repeat(101),
    ],
  ])('leaves %s to the whole parser', (text) => {
    expect(parsePlainXml(text)).toBeUndefined()
  })

  it('takes no text for plain that the whole parser reads in another way', async () => {
    const piece = fc.constantFrom(
      ...['<a>', '</a>', '<b>', '</b>', '<b/>', '<b x="1">', '<a y="" z=">"/>', ' ', '\n', '1', 'é', '&amp;', '&lt;', '&', ';', '"', "'", '>', '/'],
      ...['<', '<!--', '-->', '<![CDATA[', ']]>', '<?x?>', '<a ', 'x="1"', '</a >', '=', '\u00a0', '\ufeff', '<ns:c>', '</ns:c>'],
    )
    const element = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('<b/>', '<b x="1"/>', '<c></c>', '<c> </c>', '<b y="2">\t</b>', '<c>v &amp; w</c>', '<b x="1" y="&lt;">3</b>'),
        fc.tuple(fc.constantFrom('a', 'b', 'x:y'), fc.array(fc.oneof(tie('node'), fc.constantFrom(' ', '\n')), { maxLength: 4 })),
      ),
    })).node
    const written = (node: unknown): string => (Array.isArray(node) ? `<${node[0]}>${node[1].map(written).join('')}</${node[0]}>` : String(node))
    let plain = 0
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          element.map(written),
          fc.array(piece, { maxLength: 8 }).map((pieces) => `<a>${pieces.join('')}</a>`),
        ),
        async (text) => {
          const read = parsePlainXml(text)
          if (read === undefined) return
          plain++
          expect(JSON.stringify(read)).toBe(await whole(text))
        },
      ),
      { numRuns: 2000 },
    )
    expect(plain).toBeGreaterThan(200)
  })
})
