import { describe, expect, it } from 'vitest'
import { skipsIn, skipsOf } from './kit/skips.ts'
import { channelFolders } from './kit/subject.ts'

const good = { check: 'late-visibility', reason: 'The channel lists orders only once a day.', source: 'https://example.com/docs' }

describe('a list of skips', () => {
  it('is taken as it stands, for two checks at most', () => {
    expect(skipsIn(JSON.stringify([good, good]))).toEqual({ skips: [good, good] })
    expect(channelFolders.flatMap((id) => skipsOf(id).problem ?? [])).toEqual([])
  })

  it.each([
    ['is no JSON', '[{'],
    ['is no list', JSON.stringify(good)],
    ['names too many', JSON.stringify([good, good, good])],
    ['names no source', JSON.stringify([{ ...good, source: 'somebody said so' }])],
  ])('that %s skips nothing and says so, instead of ending the collection of all channels', (_, text) => {
    const { skips, problem } = skipsIn(text)
    expect(skips).toEqual([])
    expect(problem).toContain('kit-skips.json is no list')
  })
})
