import type { MarketShop } from './shop.ts'

/** One message that waits to be fetched. */
export interface Message {
  readonly id: string
  readonly topic: string
  readonly content: string
  readonly at: number
  /** Handed out and not confirmed: shown again when this is long ago. */
  handedAt: number | undefined
}

/** Messages a client fetches and confirms. */
export interface MessageQueue {
  /** Closed: what happens is not kept for anybody. Open at the beginning. */
  isOpen: boolean
  put(topic: string, content: string): void
  /** At most so many, oldest first: those never handed out, and those nobody confirmed in time. */
  take(limit: number): readonly Message[]
  confirm(ids: readonly string[]): void
  waiting(): number
}

export function createQueue(shop: MarketShop, againAfterMs = 600_000): MessageQueue {
  const messages = new Map<string, Message>()
  return {
    isOpen: true,
    put(topic, content) {
      if (!this.isOpen) return
      const id = shop.nextId('message')
      messages.set(id, { id, topic, content, at: shop.clock.now(), handedAt: undefined })
    },
    take(limit) {
      const now = shop.clock.now()
      const due = [...messages.values()].filter((each) => each.handedAt === undefined || now - each.handedAt >= againAfterMs).slice(0, limit)
      for (const message of due) message.handedAt = now
      return due
    },
    confirm(ids) {
      for (const id of ids) messages.delete(id)
    },
    waiting: () => messages.size,
  }
}
