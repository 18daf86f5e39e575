/** What the conformance kit found out about one connector and one check. */
export interface Verdict {
  readonly channel: string
  readonly check: string
  /** n/a: the connector does not declare what the check is about. */
  readonly result: 'pass' | 'fail' | 'skip' | 'n/a'
}

export interface Scores {
  readonly checks: readonly { readonly id: string; readonly title: string }[]
  readonly channels: readonly string[]
  readonly verdicts: readonly Verdict[]
  readonly skips: readonly { readonly channel: string; readonly check: string; readonly reason: string; readonly source: string }[]
}

const BEGIN = '<!-- scorecard: written by test/conformance/kit.test.ts -->'
const END = '<!-- /scorecard -->'
const MARKS: Readonly<Record<Verdict['result'], string>> = { pass: '✓', fail: '✗', skip: 'skip', 'n/a': '·' }

/**
 * The page with the table between its markers brought up to date: a row for each check, a column for each channel.
 * @throws Error when the page lacks the markers
 */
export function withScorecard(page: string, scores: Scores): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`README.md lacks the lines "${BEGIN}" and "${END}".`)
  return `${page.slice(0, from)}${BEGIN}\n\n${scorecard(scores)}\n\n${page.slice(to)}`
}

function scorecard({ checks, channels, verdicts, skips }: Scores): string {
  const found = new Map(verdicts.map(({ channel, check, result }) => [`${channel} ${check}`, result]))
  const markOf = (channel: string, check: string): string => {
    const result = found.get(`${channel} ${check}`)
    return result === undefined ? '?' : MARKS[result]
  }
  const count = (channel: string, result: Verdict['result']): number =>
    verdicts.filter((verdict) => verdict.channel === channel && verdict.result === result).length
  const rows = checks.map(
    ({ id, title }) => `| \`${id}\` | ${channels.map((channel) => markOf(channel, id)).join(' | ')} | ${title.replaceAll('|', '/')} |`,
  )
  return [
    `| ${checks.length} checks | ${channels.join(' | ')} | |`,
    `|${' --- |'.repeat(channels.length + 2)}`,
    `| passed · failed | ${channels.map((channel) => `${count(channel, 'pass')} · ${count(channel, 'fail')}`).join(' | ')} | |`,
    `| not applicable · skipped | ${channels.map((channel) => `${count(channel, 'n/a')} · ${count(channel, 'skip')}`).join(' | ')} | |`,
    '',
    ...(skips.length === 0
      ? []
      : [...skips.map(({ channel, check, reason, source }) => `- ${channel} skips \`${check}\`: ${reason} (${source})`), '']),
    '<details><summary>Every check</summary>',
    '',
    `| check | ${channels.join(' | ')} | what it proves |`,
    `|${' --- |'.repeat(channels.length + 2)}`,
    ...rows,
    '',
    '</details>',
  ].join('\n')
}
