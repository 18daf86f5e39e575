import type { Stream } from '../core/connector.ts'
import type { Instant } from '../core/order.ts'

/** One half-open window [from, to). `to` is the next watermark once every page of it is committed. */
export interface Window {
  readonly from: Instant
  readonly to: Instant
  /** The stored watermark lay in the future (clock set back, damaged state) and was pulled back. */
  readonly rewound: boolean
}

/**
 * Where the next window may begin once `window` was read whole: at its end, unless our clock runs ahead of the channel's
 * (`aheadMs`). What the channel stamps until it has caught up would then lie before that end and never be asked for.
 */
export function settledEnd(input: {
  readonly window: { readonly from: Instant; readonly to: Instant }
  readonly now: Date
  readonly aheadMs: number
  readonly stream: Pick<Stream, 'lagSeconds'>
}): Instant {
  const end = Date.parse(input.window.to)
  const channelHorizon = input.now.getTime() - input.aheadMs - (input.stream.lagSeconds ?? 0) * 1000
  return input.aheadMs === 0 || end <= channelHorizon ? input.window.to : new Date(end - input.aheadMs).toISOString()
}

const HOUR_MS = 3_600_000

/**
 * The next slice of change time to read: [watermark − overlap, min(now − lag, + longest window)). Undefined when there
 * is nothing new yet. Every instant before `now − lag` is covered once by consecutive windows and the overlap again.
 */
export function nextWindow(input: {
  readonly watermark: Instant
  readonly now: Date
  readonly stream: Pick<Stream, 'maxWindowHours' | 'overlapSeconds' | 'lagSeconds'>
}): Window | undefined {
  const { stream } = input
  const longest = stream.maxWindowHours === undefined ? Number.POSITIVE_INFINITY : stream.maxWindowHours * HOUR_MS
  // An overlap as long as the window would never advance.
  const overlap = Math.min((stream.overlapSeconds ?? 0) * 1000, longest / 2)
  const horizon = input.now.getTime() - (stream.lagSeconds ?? 0) * 1000
  const stored = Date.parse(input.watermark)
  if (Number.isNaN(stored)) throw new RangeError(`"${input.watermark}" is not an instant.`)
  const rewound = stored > input.now.getTime()
  const watermark = rewound ? horizon : stored
  const from = watermark - overlap
  const to = Math.min(horizon, from + longest)
  if (rewound ? to <= from : to <= watermark) return undefined
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), rewound }
}
