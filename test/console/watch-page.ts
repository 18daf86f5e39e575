import type { Page } from 'playwright-core'

/** Answers that belong to normal work: nobody is signed in yet, something looked up is not there. */
const expected = [401]

/** Collects what went wrong in the page: errors, refused scripts, failed calls, keys without a text. */
export const watchPage = (page: Page): { readonly take: () => readonly string[] } => {
  let seen: string[] = []
  page.on('pageerror', (error) => seen.push(`page error: ${error.message}`))
  page.on('console', (message) => {
    const text = message.text()
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) seen.push(`console: ${text.slice(0, 300)}`)
    if (text.includes('missingKey')) seen.push(`no text: ${text}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400 && !expected.includes(response.status()))
      seen.push(`${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`)
  })
  return {
    take: () => {
      const taken = seen
      seen = []
      return taken
    },
  }
}
