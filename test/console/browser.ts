import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** The Chromium of this machine, which fetches nothing by itself. Ends the process where there is none. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
  if (!existsSync(executablePath)) {
    console.error(
      `There is no Chromium at ${executablePath}. Install it (Debian: apt-get install chromium), or say where one is: CHROMIUM=/path/to/it.`,
    )
    process.exit(2)
  }
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'] })
}
