import type { Page } from 'playwright-core'

/** Where a list stands in the page, and which request brings it. */
export interface ListPlace {
  /** Its rows. */
  readonly rows: string
  /** What holds the rows, also while there are none. */
  readonly region: string
  /** Part of the address of the request that fills it. */
  readonly asks: string
}

interface Took {
  /** Until the last row was drawn. */
  readonly ms: number
  /** From sending the request to the end of its answer. */
  readonly answerMs: number
}

declare global {
  var lookTimes: {
    /** When the first element of these appeared, since the navigation began. */
    readonly first: (rows: string) => Promise<number>
    /** Does something, waits for the answer it asks for and for the page to come to rest. */
    readonly after: (place: { readonly region: string; readonly asks: string }, act: () => void) => Promise<Took>
    readonly answerOf: (asks: string, since: number) => { readonly end: number; readonly took: number } | undefined
  }
}

/** Every page of this tab keeps the times of its requests and of what it draws. */
export const watchLooks = async (page: Page): Promise<void> => {
  // What compiles this file names its functions by a helper that the page does not have.
  await page.addInitScript('globalThis.__name = (made) => made')
  await page.addInitScript(() => {
    performance.setResourceTimingBufferSize(10_000)
    const frame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()))
    const answerOf = (asks: string, since: number): { readonly end: number; readonly took: number } | undefined => {
      const entries = performance.getEntriesByType('resource').filter((one) => one.startTime >= since && one.name.includes(asks))
      const [one] = entries.toSorted((a, b) => a.startTime - b.startTime)
      return one === undefined || one.duration === 0 ? undefined : { end: one.startTime + one.duration, took: one.duration }
    }
    globalThis.lookTimes = {
      answerOf,
      first: async (rows) => {
        while (document.querySelector(rows) === null) {
          if (performance.now() > 30_000) throw new Error(`no ${rows} came`)
          await frame()
        }
        return performance.now()
      },
      after: async ({ region, asks }, act) => {
        let drawn = 0
        const seen = new MutationObserver((changes) => {
          if (changes.some(({ target }) => (target instanceof Element ? target : target.parentElement)?.closest(region) !== null))
            drawn = performance.now()
        })
        seen.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
        const started = performance.now()
        act()
        let answer = answerOf(asks, started)
        while (answer === undefined) {
          if (performance.now() > started + 20_000) throw new Error(`nothing was asked of ${asks}, or no answer came`)
          await frame()
          answer = answerOf(asks, started)
        }
        // What follows an answer is drawn within a few frames; what comes later is a clock or another question.
        while (performance.now() < answer.end + 200) await frame()
        seen.disconnect()
        return { ms: Math.max(drawn, answer.end) - started, answerMs: answer.took }
      },
    }
  })
}

/** Opens an address as from a bookmark, up to its first row, and lets the page come to rest. */
export const firstRow = async (page: Page, address: string, { rows, asks }: ListPlace): Promise<Took> => {
  await page.goto(address, { waitUntil: 'commit' })
  const ms = await page.evaluate((selector) => globalThis.lookTimes.first(selector), rows)
  const answerMs = await page.evaluate((part) => globalThis.lookTimes.answerOf(part, 0)?.took ?? 0, asks)
  await page.waitForLoadState('load')
  await page.waitForTimeout(400)
  return { ms, answerMs }
}

/** Changes the address as a filter, a tab or the search does. */
export const turned = (page: Page, look: ListPlace & { readonly to: string }): Promise<Took> =>
  page.evaluate(({ to, region, asks }) => globalThis.lookTimes.after({ region, asks }, () => history.pushState({}, '', to)), {
    to: look.to,
    region: look.region,
    asks: look.asks,
  })

/** Scrolls to the end of a list that grows by itself, or presses the button that asks for more. */
export const nextPage = (page: Page, look: ListPlace): Promise<Took> =>
  page.evaluate(
    ({ region, rows }) =>
      globalThis.lookTimes.after({ region, asks: 'cursor=' }, () => {
        const more = [...document.querySelectorAll<HTMLButtonElement>('.card-foot button')].at(-1)
        let scroller: Element | null | undefined = document.querySelector(rows)
        while (scroller !== null && scroller !== undefined && scroller.scrollHeight <= scroller.clientHeight + 1) scroller = scroller.parentElement
        if (more !== undefined) more.click()
        else if (scroller) scroller.scrollTop = scroller.scrollHeight
      }),
    { region: look.region, rows: look.rows },
  )
