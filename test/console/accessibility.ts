import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly string[]
}

/** Serious and critical findings of axe on the page as it stands, one text each. */
export const accessibilityProblems = async (page: Page): Promise<readonly string[]> => {
  // Evaluated through the debugger, because the page's own policy rightly refuses injected scripts.
  await page.evaluate(await source)
  const violations = await page.evaluate(async (): Promise<Violation[]> => {
    const axe: {
      run: (
        root: Document,
        options: object,
      ) => Promise<{ violations: { id: string; impact: string; nodes: { target: unknown[]; html: string }[] }[] }>
    } = Reflect.get(window, 'axe')
    const result = await axe.run(document, { resultTypes: ['violations'] })
    return result.violations.map((one) => ({
      id: one.id,
      impact: one.impact,
      nodes: one.nodes.map((node) => `${String(node.target[0])} ${node.html.slice(0, 160)}`),
    }))
  })
  return violations
    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .map((one) => `${one.impact} ${one.id} (${one.nodes.length}): ${one.nodes.slice(0, 2).join(' | ')}`)
}
