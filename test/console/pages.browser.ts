/**
 * Looks at every page of the console in a real browser, against a running hub:
 *   HUB_URL=http://127.0.0.1:8080 HUB_PASSWORD=… npm run test:browser
 * Every page in both languages and both widths: a screenshot in .tmp/screens, no serious accessibility violation,
 * no error in the page, no text without a translation, and not one request that leaves this machine.
 */
import { mkdir } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { openBrowser } from './browser.ts'
import { accessibilityProblems } from './accessibility.ts'
import { checkAccount } from './account.ts'
import { checkFlows } from './flows.ts'
import { checkHaste } from './haste.ts'
import { checkDealer, checkOrderEntry } from './order-entry.ts'
import { guardNetwork } from './network.ts'
import { watchScripts } from './bundle.ts'
import { checkKeys, checkPastedIds, checkPhone } from './behaviour.ts'
import { signIn } from './sign-in.ts'
import { pagesOf } from './visits.ts'
import { watchPage } from './watch-page.ts'

const hub = process.env['HUB_URL'] ?? 'http://127.0.0.1:8080'
const password = process.env['HUB_PASSWORD'] ?? ''
const name = process.env['HUB_USER'] ?? 'admin'
const screens = process.env['HUB_SCREENS'] ?? '.tmp/screens'
const languages = ['zh-CN', 'en'] as const
const widths = [1280, 1920] as const

const failures: string[] = []
let checks = 0
const check = (problems: readonly string[]): void => {
  checks += 1
  for (const problem of problems) {
    failures.push(problem)
    console.log(`  not ok  ${problem}`)
  }
}

const open = async (browser: Browser, language: string, width: number, theme: 'light' | 'dark'): Promise<Page> => {
  const context = await browser.newContext({
    viewport: { width, height: width < 800 ? 844 : 900 },
    locale: language,
    colorScheme: theme,
    reducedMotion: 'reduce',
    timezoneId: 'Asia/Shanghai',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  return context.newPage()
}

const look = async (page: Page, at: string, screen: string, watch: { readonly take: () => readonly string[] }): Promise<void> => {
  await page.screenshot({ path: `${screens}/${screen}.png` })
  check((await accessibilityProblems(page)).map((problem) => `${at}: ${problem}`))
  check(watch.take().map((problem) => `${at}: ${problem}`))
}

const tour = async (browser: Browser, language: (typeof languages)[number], width: number, theme: 'light' | 'dark'): Promise<void> => {
  const page = await open(browser, language, width, theme)
  const outside = await guardNetwork(page)
  const watch = watchPage(page)
  await page.goto(`${hub}/login`)
  await page.getByRole('button', { name: language === 'en' ? 'Sign in' : '登录' }).waitFor()
  await look(page, `${language} ${width} login`, `${language}-${width}-${theme}-login`, watch)
  await signIn(page, hub, name, password)
  for (const visit of await pagesOf(page, hub)) {
    try {
      await page.goto(`${hub}${visit.path}`)
      await visit.ready(page)
    } catch (error) {
      check([`${language} ${width} ${visit.name}: did not become ready: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`])
    }
    console.log(`  ${language} ${width} ${theme} ${visit.name}`)
    await look(page, `${language} ${width} ${visit.name}`, `${language}-${width}-${theme}-${visit.name}`, watch)
  }
  check(outside().map((url) => `${language} ${width}: a request left this machine: ${url}`))
  await page.context().close()
}

const behave = async (browser: Browser): Promise<void> => {
  const page = await open(browser, 'en', 1440, 'light')
  const scripts = watchScripts(page)
  await signIn(page, hub, name, password)
  await page.locator('.order-rows [role=row]').nth(3).waitFor()
  check(await scripts.problems())
  check(await checkKeys(page, hub))
  check(await checkPastedIds(page, hub))
  check(await checkFlows(page, hub))
  check(await checkOrderEntry(page, hub, screens))
  check(await checkHaste(page, hub))
  const dealer = await open(browser, 'en', 1280, 'light')
  check(await checkDealer(page, dealer, hub, screens))
  await dealer.context().close()
  const own = await open(browser, 'en', 1280, 'light')
  check(await checkAccount(page, own, hub, screens))
  await own.context().close()
  await page.context().close()
  const phone = await open(browser, 'en', 390, 'light')
  await signIn(phone, hub, name, password)
  check(await checkPhone(phone, hub, `${screens}/en-390-light-order.png`))
  await phone.context().close()
}

const run = async (): Promise<void> => {
  if (password === '') throw new Error('Set HUB_PASSWORD to the password of HUB_USER (default admin), and HUB_URL to the address of a running hub.')
  await mkdir(screens, { recursive: true })
  const browser = await openBrowser()
  try {
    for (const language of languages) for (const width of widths) await tour(browser, language, width, 'light')
    await tour(browser, 'zh-CN', 1440, 'dark')
    await behave(browser)
  } finally {
    await browser.close()
  }
  console.log(`${checks - failures.length} passed, ${failures.length} failed, 0 skipped`)
  if (failures.length > 0) process.exitCode = 1
}

await run()
