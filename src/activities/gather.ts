interface GatherOptions<Ask, Answer> {
  /** Answers all of them together, in their order. */
  readonly run: (asks: readonly Ask[]) => Promise<readonly Answer[]>
  /** How much of the room one takes; 1 where it is not said. */
  readonly size?: (ask: Ask) => number
  /** So much is taken together. One that is larger goes alone. */
  readonly room: number
  /** So many runs at once. */
  readonly lanes: number
  /** So long one waits for company while nothing else is under way; 0 = for those of the same moment only. Nobody waits where the room is full, or beside one that does not wait. */
  readonly patienceMs: (ask: Ask) => number
  /** Told before each of several is run alone, because together they failed. */
  readonly onApart?: (error: unknown) => void
}

interface Waiting<Ask, Answer> {
  readonly ask: Ask
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Takes what is asked at about the same time together: whoever asks while others are answered waits and goes with everybody who waits by then, so that the more
 * there is to do, the less each costs. Several that fail together are run one by one, so that one never stops the others (I10).
 */
export function gather<Ask, Answer>(options: GatherOptions<Ask, Answer>): (ask: Ask) => Promise<Answer> {
  const { run, size = () => 1, room, lanes, patienceMs, onApart } = options
  let waiting: Waiting<Ask, Answer>[] = []
  let running = 0
  let called = false
  let timer: NodeJS.Timeout | undefined

  const take = (): readonly Waiting<Ask, Answer>[] => {
    let left = room
    const until = waiting.findIndex(({ ask }, i) => (left -= size(ask)) < 0 && i > 0)
    const taken = until < 0 ? waiting : waiting.slice(0, until)
    waiting = until < 0 ? [] : waiting.slice(until)
    return taken
  }
  const answer = async (taken: readonly Waiting<Ask, Answer>[]): Promise<void> => {
    try {
      const answers = await run(taken.map(({ ask }) => ask))
      for (const [i, { resolve, reject }] of taken.entries()) {
        const own = answers[i]
        if (own === undefined) reject(new Error('not answered'))
        else resolve(own)
      }
    } catch (error) {
      if (taken.length === 1) return taken[0]?.reject(error)
      onApart?.(error)
      for (const one of taken) await answer([one])
    }
  }
  const go = async (): Promise<void> => {
    called = false
    if (waiting.length === 0 || running >= lanes) return
    running += 1
    const taken = take()
    if (waiting.length > 0) call() // what found no room goes beside it, where there is a lane
    await answer(taken)
    running -= 1
    if (waiting.length > 0) call()
  }
  const call = (afterMs = 0): void => {
    if (called || running >= lanes) return
    if (afterMs > 0 && waiting.reduce((sum, { ask }) => sum + size(ask), 0) < room) {
      timer ??= setTimeout(() => {
        timer = undefined
        call()
      }, afterMs)
      return
    }
    clearTimeout(timer)
    timer = undefined
    called = true
    setImmediate(() => void go())
  }
  return (ask) =>
    new Promise((resolve, reject) => {
      waiting.push({ ask, resolve, reject })
      call(patienceMs(ask))
    })
}
