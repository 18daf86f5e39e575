import type { Page } from 'playwright-core'
import { stepAt, totpCode } from '../../src/store/people/totp.ts'
import { accessibilityProblems } from './accessibility.ts'

const first = 'A first long secret 1'
const second = 'A second long secret 2'

/** RFC 4648 back into bytes, as an app does. */
const bytesOf = (base32: string): Buffer => {
  const bits = [...base32].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** A code no earlier request has used: the one after it, when the half minute is still the same. */
const codeAfter = (secret: string, used: number): { readonly code: string; readonly step: number } => {
  const step = Math.max(stepAt(new Date()), used + 1)
  return { code: totpCode(bytesOf(secret), step), step }
}

const submit = async (page: Page, hub: string, name: string, password: string): Promise<void> => {
  await page.goto(`${hub}/login`)
  await page.locator('input[name="name"]').fill(name)
  await page.locator('input[name="password"]').fill(password)
  await page.locator('button[type="submit"]').click()
}

/** Enters the password, reads the secret off the page, gives its first code back; answers the secret and the recovery codes. */
const addFactor = async (page: Page): Promise<{ readonly secret: string; readonly step: number; readonly codes: readonly string[] }> => {
  await page.locator('input[name="factor-password"]').fill(second)
  await page.getByRole('button', { name: 'Add an authenticator app' }).click()
  await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
  const secret = (await page.getByTestId('totp-secret').innerText()).replaceAll(/\s/g, '')
  const shown = page.getByTestId('recovery-codes')
  let step = 0
  // Nobody does all of this within a minute: the hub may ask to slow down.
  for (let tries = 0; tries < 6 && !(await shown.isVisible()); tries += 1) {
    if (tries > 0) await page.waitForTimeout(10_000)
    const fresh = codeAfter(secret, 0)
    step = fresh.step
    await page.locator('input[name="first-code"]').fill(fresh.code)
    await page.getByRole('button', { name: 'Turn on' }).click()
    await shown.or(page.getByRole('alert')).first().waitFor()
  }
  const codes = (await shown.innerText()).split('\n').filter((one) => one !== '')
  return { secret, step, codes }
}

const signOut = (page: Page): Promise<void> => page.context().clearCookies()

/**
 * An account from its first password to its second factor, sessions and recovery; a role that is asked for one; the log of it
 * all. `page` is signed in as an administrator, `own` by nobody.
 */
export const checkAccount = async (page: Page, own: Page, hub: string, screens: string): Promise<readonly string[]> => {
  const problems: string[] = []
  const name = `person-${Date.now()}`
  const audited = async (at: Page, what: string): Promise<void> => {
    await at.screenshot({ path: `${screens}/account-${what}.png`, fullPage: true })
    problems.push(...(await accessibilityProblems(at)).map((one) => `account, ${what}: ${one}`))
  }
  await page.goto(`${hub}/settings?tab=people`)
  await page.getByRole('button', { name: 'Add person' }).click()
  await page.locator('.ant-modal input:not([type=password]):not([role=combobox])').first().fill(name)
  await page.locator('input[name="person-password"]').fill(first)
  await audited(page, 'new-person')
  await page.locator('.ant-modal button[type="submit"]').click()
  await page.getByRole('cell', { name, exact: true }).waitFor()
  await audited(page, 'people')

  await submit(own, hub, name, first)
  await own.locator('input[name="current"]').fill(first)
  await own.locator('input[name="next"]').fill('no capitals in this 1')
  await own.locator('button[type="submit"]').click()
  await own.getByRole('alert').waitFor()
  await own.locator('input[name="next"]').fill(second)
  await own.locator('button[type="submit"]').click()
  await own.locator('main#main').waitFor()
  const tabs = async (): Promise<string> => (await own.getByRole('tab').allInnerTexts()).join()
  await own.goto(`${hub}/settings`)
  await own.locator('input[name="factor-password"]').waitFor()
  if (/People|API keys|Audit|Personal/.test(await tabs())) problems.push(`support is offered ${await tabs()}`)
  const { secret, step, codes } = await addFactor(own)
  await audited(own, 'recovery-codes')
  if (codes.length !== 10) problems.push(`${codes.length} recovery codes`)
  await own.getByRole('button', { name: 'I have kept them' }).click()
  await own.getByText('This one').waitFor()
  await audited(own, 'me')

  await signOut(own)
  await submit(own, hub, name, second)
  await own.locator('input[name="code"]').waitFor()
  await audited(own, 'login-code')
  await own.locator('input[name="code"]').fill('000000')
  await own.locator('button[type="submit"]').click()
  await own.getByText('This code does not fit').waitFor()
  await own.locator('input[name="code"]').fill(codeAfter(secret, step).code)
  await own.locator('button[type="submit"]').click()
  await own.locator('main#main').waitFor()
  await signOut(own)
  await submit(own, hub, name, second)
  await own.locator('input[name="code"]').fill(codes[0] ?? '')
  await own.locator('button[type="submit"]').click()
  await own.locator('main#main').waitFor()
  await own.goto(`${hub}/settings`)
  await own.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await own.getByText(/sessions? (has|have) ended/).waitFor()
  console.log('  flow: a person adds a second factor, signs in with it and with a recovery code, and ends the other sessions')

  problems.push(...(await checkRequired(page, own, hub, { name, audited })))
  await page.goto(`${hub}/settings?tab=audit&kind=second-factor`)
  await page
    .getByRole('cell', { name: `user:${name}` })
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'Check the chain' }).click()
  await page.getByText(/entries are as they were written/).waitFor()
  await page.locator('main .ant-btn-loading').waitFor({ state: 'detached' })
  await page.waitForTimeout(400)
  await audited(page, 'audit')
  console.log('  flow: the audit log shows it, and its chain holds')
  return problems
}

interface Required {
  readonly name: string
  readonly audited: (at: Page, what: string) => Promise<void>
}

/** Support is asked for a second factor, and one that was lost is taken away: the person comes to the page that adds one, and no further. */
const checkRequired = async (page: Page, own: Page, hub: string, { name, audited }: Required): Promise<readonly string[]> => {
  const policy = (roles: readonly string[]) =>
    page.request.patch(`${hub}/v1/access-policy`, { headers: { origin: hub }, data: { second_factor_roles: roles } })
  const problems: string[] = []
  await policy(['support'])
  try {
    await page.goto(`${hub}/settings?tab=people`)
    await page.getByRole('row').filter({ hasText: name }).getByRole('button', { name: 'Change' }).click()
    await page.getByRole('button', { name: 'Remove second factor' }).click()
    await page.getByText('The second factor is removed').waitFor()
    await signOut(own)
    await submit(own, hub, name, second)
    await own.getByRole('heading', { name: 'Add a second factor' }).waitFor()
    await audited(own, 'must-enrol')
    const status = (await own.request.get(`${hub}/v1/orders`)).status()
    if (status !== 403) problems.push(`orders answer ${status} before the second factor stands`)
    await addFactor(own)
    await own.getByRole('button', { name: 'I have kept them' }).click()
    await own.locator('main#main').waitFor()
    console.log('  flow: a role that needs a second factor opens nothing before it stands')
  } finally {
    await policy([])
  }
  return problems
}
