import type { Page } from 'playwright-core'

const local = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Stops every request that would leave this machine and remembers it. */
export const guardNetwork = async (page: Page): Promise<() => readonly string[]> => {
  const outside: string[] = []
  await page.route('**/*', async (route) => {
    const url = new URL(route.request().url())
    if (local.has(url.hostname) || url.protocol === 'data:' || url.protocol === 'blob:') return route.fallback()
    outside.push(url.href)
    return route.abort()
  })
  return () => outside
}
