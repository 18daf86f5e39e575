/** How far our clock runs ahead of a channel's, as the Date headers of its answers show. */
export interface ChannelClock {
  /** One answer: its Date header, and when its request was sent. Nonsense and silence change nothing. */
  heard(date: string | undefined, sentAt: Date): void
  /** Milliseconds; 0 until an answer said otherwise, and where the difference is no more than a header can show. */
  aheadMs(): number
}

/** A Date header counts whole seconds; a difference this small says nothing. */
const BLUR_MS = 2000
/** Clocks further apart are not skewed but wrong: an answer out of a cache, a machine without a battery. */
const ABSURD_MS = 3_600_000

export function channelClock(): ChannelClock {
  let ahead = 0
  return {
    heard(date, sentAt) {
      const difference = sentAt.getTime() - Date.parse(date ?? '')
      if (!Number.isNaN(difference)) ahead = difference > BLUR_MS && difference < ABSURD_MS ? difference : 0
    },
    aheadMs: () => ahead,
  }
}
