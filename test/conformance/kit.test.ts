import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { withScorecard, type Verdict } from '../../scripts/scorecard.ts'
import { checks } from './kit/checks/index.ts'
import { skipsOf } from './kit/skips.ts'
import { channelFolders, subjectOf } from './kit/subject.ts'

/** No check takes long; a machine that does much else may. */
const TIMEOUT_MS = 180_000
const verdicts: Verdict[] = []
/** Wall and processor seconds: the first says much about what else the machine does. */
interface Spent {
  readonly began: number
  readonly cpu: NodeJS.CpuUsage
  readonly wallS: number
  readonly cpuS: number
}
const spent = new Map<string, Spent>()

describe.each(channelFolders)('%s', (channel) => {
  const { skips, problem } = skipsOf(channel)

  it('is registered, and skips only what is there to be skipped', () => {
    expect(problem).toBeUndefined()
    expect(subjectOf(channel).id).toBe(channel)
    const known = checks.map((check) => check.id)
    expect(skips.filter((skip) => !known.includes(skip.check))).toEqual([])
  })

  if (!registry.has(channel)) return
  const subject = subjectOf(channel)
  for (const check of checks) {
    const beside = check.beside?.(subject)
    const skip = skips.find((one) => one.check === check.id)
    if (beside !== undefined || skip) {
      verdicts.push({ channel, check: check.id, result: beside === undefined ? 'skip' : 'n/a' })
      continue
    }
    // Side by side: each opens a shop of its own, and much of what they try is waiting for answers that never come.
    it(`${check.id}: ${check.title}`, { timeout: TIMEOUT_MS, concurrent: check.alone !== true }, async () => {
      const first = spent.get(channel) ?? { began: performance.now(), cpu: process.cpuUsage(), wallS: 0, cpuS: 0 }
      spent.set(channel, first)
      const trouble = await check.run(subject).then(
        () => undefined,
        (error: unknown) => error,
      )
      const { user, system } = process.cpuUsage(first.cpu)
      spent.set(channel, { ...first, wallS: (performance.now() - first.began) / 1e3, cpuS: (user + system) / 1e6 })
      verdicts.push({ channel, check: check.id, result: trouble === undefined ? 'pass' : 'fail' })
      if (trouble instanceof Error) throw trouble
      expect(trouble).toBeUndefined()
    })
  }
})

/** Of all a connector of its own proves about a shop, so much has to hold for the same shop written as data. */
const ENOUGH = 0.8

describe('WooCommerce written as data (channel "rest")', () => {
  const passed = (channel: string): readonly string[] =>
    verdicts.flatMap((verdict) => (verdict.channel === channel && verdict.result === 'pass' ? [verdict.check] : []))

  it(`passes at least ${ENOUGH * 100} % of the checks WooCommerce's own connector passes`, ({ skip }) => {
    // A run of one of the two says nothing about the other.
    if (['woocommerce', 'rest'].some((channel) => verdicts.filter((verdict) => verdict.channel === channel).length < checks.length)) skip()
    const [own, data] = [passed('woocommerce'), passed('rest')]
    const shared = own.filter((check) => data.includes(check))
    const missing = own.filter((check) => !data.includes(check)).join(', ') || 'nothing'
    process.stdout.write(
      `WooCommerce written as data: ${shared.length} of ${own.length} checks (${((100 * shared.length) / own.length).toFixed(1)} %); missing: ${missing}\n`,
    )
    expect(own.length).toBeGreaterThan(0)
    expect(shared.length / own.length).toBeGreaterThanOrEqual(ENOUGH)
  })
})

describe('the scorecard', () => {
  const page = fileURLToPath(new URL('../../README.md', import.meta.url))

  it('stands in README as this run found it (`-u` writes it)', async () => {
    const skips = channelFolders.flatMap((channel) => skipsOf(channel).skips.map((skip) => ({ channel, ...skip })))
    // A run of a part of the kit says nothing about the rest.
    const whole = checks.length * channelFolders.length === verdicts.length
    const wanted = whole
      ? withScorecard(readFileSync(page, 'utf8'), { checks, channels: channelFolders, verdicts, skips })
      : readFileSync(page, 'utf8')
    await expect(wanted).toMatchFileSnapshot(page)
  })
})

afterAll(() => {
  const told = [...spent].map(([channel, { wallS, cpuS }]) => `${channel} ${wallS.toFixed(1)} s (processor ${cpuS.toFixed(1)} s)`)
  process.stdout.write(`conformance kit: ${told.join(', ')}\n`)
})
