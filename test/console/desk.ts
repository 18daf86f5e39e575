import type { Locator, Page } from 'playwright-core'
import { accessibilityProblems } from './accessibility.ts'
import { type Group, type Hub, type Shop, eventually } from './mending.ts'

/** Most steps of the tabulator from the first field of a fix to its button. */
const MOST_TABS = 30
/** By then a search has changed the list, also on a busy machine. */
const RENDERED_MS = 3_000

interface Place {
  readonly language: 'en' | 'zh-CN'
  /** With `keys` the mouse is never touched. */
  readonly hands: 'mouse' | 'keys'
  /** Folder of the screenshots. */
  readonly screens: string
}

interface Words {
  readonly en: string
  readonly zh: string
}

/** A person at the console. Counts clicks, or keys but for words typed, since the list of failures was opened. */
export class Desk {
  readonly page: Page
  readonly #hub: Hub
  readonly #place: Place
  clicks = 0
  presses = 0
  /** When the list of failures was opened; undefined where nothing had to be done. */
  openedAt: number | undefined

  constructor(page: Page, hub: Hub, place: Place) {
    this.page = page
    this.#hub = hub
    this.#place = place
  }

  begin(): void {
    this.clicks = 0
    this.presses = 0
    this.openedAt = undefined
  }

  get language(): Place['language'] {
    return this.#place.language
  }

  get hands(): Place['hands'] {
    return this.#place.hands
  }

  word(en: string, zh: string): string {
    return this.#place.language === 'en' ? en : zh
  }

  async #press(key: string): Promise<void> {
    await this.page.keyboard.press(key)
    this.presses += 1
  }

  /** Goes there without the mouse: "f" into the fix, then from field to field. */
  async #reach(what: Locator): Promise<void> {
    await what.waitFor()
    const isThere = (): Promise<boolean> => what.evaluate((element) => element === document.activeElement)
    if (!(await this.#isInFix())) await this.#press('f')
    for (let tabs = 0; !(await isThere()); tabs += 1) {
      if (tabs === MOST_TABS) throw new Error(`not reached by the keyboard: ${what.toString()}`)
      await this.#press('Tab')
    }
  }

  /** Goes into a field. */
  async enter(field: Locator): Promise<void> {
    if (this.#place.hands === 'keys') return this.#reach(field)
    // The tabulator has led there already.
    if (await field.evaluate((element) => element === document.activeElement)) return
    await field.click()
    this.clicks += 1
  }

  async press(button: Words): Promise<void> {
    const found = this.page.getByRole('button', { name: this.word(button.en, button.zh) }).first()
    if (this.#place.hands === 'mouse') {
      await found.click()
      this.clicks += 1
      return
    }
    // From wherever one stands in the fix; where nothing was to be filled in, one goes there first.
    await found.waitFor()
    if (!(await this.#isInFix())) await this.#press('f')
    await this.#press('Control+Enter')
  }

  #isInFix = (): Promise<boolean> =>
    this.page.evaluate(() => {
      const fix = document.activeElement?.closest('.fix')
      return fix !== null && fix !== undefined
    })

  /** Chooses in a list by typing: one click to open it, the rest by keys. */
  async choose(label: Words, typed: string): Promise<void> {
    await this.enter(this.page.getByRole('combobox', { name: this.word(label.en, label.zh) }))
    await this.page.keyboard.type(typed)
    await this.page.locator('.ant-select-item-option-active', { hasText: typed }).waitFor()
    await this.#press('Enter')
    // On a busy machine the list closes after the next key would have come.
    await this.page.locator('[role="combobox"][aria-expanded="true"]').waitFor({ state: 'detached' })
  }

  /** Writes over a field and leaves the cursor in the next one. */
  async write(text: string): Promise<void> {
    await this.#press('Control+a')
    await this.page.keyboard.type(text)
    await this.#press('Tab')
  }

  /** Keeps what is seen, light and dark, and looks that everybody can use it. */
  async shot(name: string): Promise<void> {
    if (this.#place.hands === 'keys') return
    for (const colorScheme of ['dark', 'light'] as const) {
      await this.page.emulateMedia({ colorScheme })
      await this.page.waitForTimeout(400)
      await this.page.screenshot({ path: `${this.#place.screens}/mend-${name}-${this.#place.language}${colorScheme === 'dark' ? '-dark' : ''}.png` })
      const problems = await accessibilityProblems(this.page)
      if (problems.length > 0) throw new Error(`${name}, ${colorScheme}: ${problems.join('; ')}`)
    }
  }

  /** Looks at another page of the console, where there is nothing to mend. */
  async look(path: string, name: string, shows: string | RegExp): Promise<void> {
    await this.page.goto(`${this.#hub.url}${path}`)
    await this.page.getByText(shows).first().waitFor()
    await this.shot(name)
  }

  /** Finds the one row of a cause in the list of failures, by its keyboard search; from there clicks are counted. */
  async openGroup(cause: { readonly code: string; readonly subject?: string; readonly shop: Shop }): Promise<void> {
    let group: Group | undefined
    await eventually(`${cause.code} stands among the failures`, async () => {
      group = await this.#hub.group('open', cause.code, cause.subject, cause.shop.connection)
      return group !== undefined
    })
    await this.page.goto(`${this.#hub.url}/failures`)
    await this.page.locator('.group-line').first().waitFor()
    this.begin()
    this.openedAt = Date.now()
    await this.#press('/')
    const needle = (group?.subject ?? '') === '' ? (group?.code ?? '') : (group?.subject ?? '')
    await this.page.keyboard.type(needle)
    await this.#press('Enter')
    await this.page.waitForURL((url) => url.searchParams.get('q') === needle)
    await this.#choose(this.page.locator(`.group-line[data-group="${group?.id}"]`))
    await this.page.waitForFunction(
      () => document.querySelector('.failure-detail h2') !== null && document.querySelector('.failure-detail .skel') === null,
    )
  }

  async #choose(row: Locator): Promise<void> {
    const chosen = row.and(this.page.locator('[aria-current="true"]'))
    // The first match is opened by the search itself.
    const isOpen = await chosen.waitFor({ timeout: RENDERED_MS }).then(
      () => true,
      () => false,
    )
    if (isOpen) return
    if (this.#place.hands === 'mouse') {
      await row.locator('button.group').click()
      this.clicks += 1
    } else
      for (let steps = 0; (await chosen.count()) === 0; steps += 1) {
        if (steps === MOST_TABS) throw new Error('the row is not reached by the keyboard')
        await this.#press('j')
        await this.page.waitForTimeout(100)
      }
    await chosen.waitFor()
  }
}
