import { gzipSync } from 'node:zlib'
import type { Page, Response } from 'playwright-core'

const budget = 400 * 1024

/** Adds up the scripts a fresh browser loads until the first page stands, compressed as they travel. */
export const watchScripts = (page: Page): { readonly problems: () => Promise<readonly string[]> } => {
  const scripts: Response[] = []
  const take = (response: Response): void => {
    if (response.request().resourceType() === 'script') scripts.push(response)
  }
  page.on('response', take)
  return {
    problems: async () => {
      page.off('response', take)
      const sizes = await Promise.all(scripts.map(async (script) => gzipSync(await script.body()).byteLength))
      const total = sizes.reduce((sum, size) => sum + size, 0)
      console.log(`  first page: ${scripts.length} scripts, ${Math.round(total / 1024)} kB compressed`)
      return total > budget ? [`first page: ${total} bytes of script, more than ${budget}`] : []
    },
  }
}
