import { expectedSince, isSilent } from '../core/silence.ts'
import type { ConnectionSigns } from '../store/read/connection-signs.ts'

export const NO_SIGNS: ConnectionSigns = { quiet_seconds: null, usual: [], documents: 0, fetches: 0, writes: 0, news: 0, done: 0 }

/** What waits, and how long it takes at the pace of the last ten minutes; null where nothing moved. */
export function signsView(signs: ConnectionSigns): Record<string, unknown> {
  const waiting = signs.documents + signs.fetches + signs.writes
  const perSecond = signs.done / 600
  return {
    silence: { quiet_seconds: signs.quiet_seconds, expected: expectedSince(signs) ?? null, silent: isSilent(signs) },
    news: signs.news,
    backlog: {
      documents: signs.documents,
      fetches: signs.fetches,
      writes: signs.writes,
      per_minute: Math.round(signs.done / 10),
      drain_seconds: waiting === 0 ? 0 : perSecond === 0 ? null : Math.ceil(waiting / perSecond),
    },
  }
}
