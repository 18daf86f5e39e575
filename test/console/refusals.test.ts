import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import i18next from 'i18next'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { push } from '../../mappings/push.ts'
import { HubProblem } from '../../console/src/api/http.ts'
import en from '../../console/src/i18n/en/index.ts'
import zh from '../../console/src/i18n/zh-CN/index.ts'
import { holdFigures } from '../../console/src/ui/said.ts'
import { DomainError } from '../../src/core/fault.ts'
import { SimpleOrder } from '../../src/core/simple-order.ts'
import { Problem, badInput, problemDocument, toProblem } from '../../src/http/problem.ts'
import { findCarrier } from '../../src/core/carriers.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { assertPassword } from '../../src/store/people/password.ts'

const root = join(import.meta.dirname, '../..')
/** Only a command line or the start of a process meets these. */
const NOT_IN_A_BROWSER = /^src\/(app\/cli|store\/(backup|master-key|migrate)\.ts|core\/fault|store\/envelope)/

const sources = ['src', 'connectors/files'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`)
    .filter((file) => !NOT_IN_A_BROWSER.test(file))
    .map((file) => [file, readFileSync(join(root, file), 'utf8')] as const),
)

/** From an opening bracket to the one that closes it. */
function call(text: string, from: number): string {
  let depth = 1
  let at = from
  while (depth > 0 && at < text.length) {
    if (text[at] === '(') depth += 1
    if (text[at] === ')') depth -= 1
    at += 1
  }
  return text.slice(from, at)
}

const sites = sources.flatMap(([file, text]) =>
  [...text.matchAll(/new (?:Problem|DomainError)\(\s*(?:\d{3},\s*)?'([a-z0-9-]+)'/g)].map((found) => ({
    file,
    code: found[1] ?? '',
    text: call(text, (found.index ?? 0) + found[0].indexOf('(') + 1),
  })),
)
const words: Readonly<Record<string, string>> = zh.refusal
const flaws: Readonly<Record<string, string>> = zh.flaw
const rules: Readonly<Record<string, string>> = zh.flawRule

describe('what the hub refuses, in the words of the console', () => {
  it('has words for every code of the documentation', () => {
    const [before = ''] = readFileSync(join(root, 'docs/errors.md'), 'utf8').split('## When documents are held')
    const rows = before.split('\n').filter((line) => line.startsWith('| `'))
    const codes = rows.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([a-z0-9-]+)`/g)].map(([, code = '']) => code))
    expect(codes.length).toBeGreaterThan(120)
    expect(codes.filter((code) => words[code] === undefined)).toEqual([])
  })

  it('has words for every code thrown where a request can meet it', () => {
    expect(sites.length).toBeGreaterThan(150)
    const missing = sites.filter(({ code }) => words[code] === undefined).map(({ code, file }) => `${code} (${file})`)
    expect([...new Set(missing)]).toEqual([])
  })

  it('is given what its words name, wherever the code is thrown', () => {
    const lacking = sites.flatMap(({ code, text, file }) => {
      const why = /why: '([a-z-]+)'/.exec(text)?.[1]
      const sentence = words[`${code}_${why ?? ''}`] ?? words[code] ?? ''
      return [...sentence.matchAll(/\{\{(\w+)\}\}/g)].flatMap(([, name = '']) =>
        new RegExp(`[{,]\\s*${name}\\s*[:,}]`).test(text) ? [] : [`${code}: ${name} (${file})`],
      )
    })
    expect(lacking).toEqual([])
  })

  it('has words for every flaw of a value, and every rule has its sentence in the sources', () => {
    const codes = sources.flatMap(([file, text]) =>
      /^src\/(http|deliver\/edit-rules|normalize\/take-orders)/.test(file)
        ? [...text.matchAll(/pointer[^\n]*\bcode: '([a-z-]+)'/g)].map(([, code = '']) => code)
        : [],
    )
    expect(codes.length).toBeGreaterThan(40)
    expect([...new Set(codes)].filter((code) => flaws[code] === undefined)).toEqual([])
    const table = readFileSync(join(root, 'src/http/flaw.ts'), 'utf8')
    const known = [...table.matchAll(/^ {2}(?:'(.+)'|"(.+)"): '([a-z-]+)',$/gm)]
    expect(known.length).toBeGreaterThan(40)
    expect(known.filter(([, , , rule = '']) => rules[rule] === undefined).map(([line]) => line)).toEqual([])
    const elsewhere = sources.filter(([file]) => file !== 'src/http/flaw.ts').map(([, text]) => text)
    const unsaid = known.map(([, one = '']) => one).filter((sentence) => !elsewhere.some((text) => text.includes(sentence)))
    expect(unsaid).toEqual([])
  })

  it('knows the rule of every sentence a check of a request brings along', () => {
    const table = readFileSync(join(root, 'src/http/flaw.ts'), 'utf8')
    const said = sources.flatMap(([file, text]) =>
      /^src\/(http|core\/simple-order)/.test(file)
        ? [...text.matchAll(/\.(?:regex|refine)\([^\n]*, '([^'\n]+)'\)/g)].map(([, sentence = '']) => sentence)
        : [],
    )
    expect(said.length).toBeGreaterThan(25)
    expect([...new Set(said)].filter((sentence) => !table.includes(`'${sentence}'`))).toEqual([])
  })
})

const shown = (problem: Problem): HubProblem => {
  const document = z.looseObject({}).parse(JSON.parse(JSON.stringify(problemDocument(problem, { path: '/v1/x', traceId: 't' }))))
  return new HubProblem(problem.status, document)
}
const thrown = (work: () => unknown): Problem => {
  try {
    work()
  } catch (error) {
    return toProblem(error)
  }
  throw new Error('nothing was refused')
}

describe('a refusal as it is shown', () => {
  beforeAll(async () => {
    await i18next.init({
      lng: 'zh-CN',
      resources: { en: { translation: en }, 'zh-CN': { translation: zh } },
      fallbackLng: false,
      interpolation: { escapeValue: false },
    })
  })

  it('speaks the language of the console, with its figures, and changes with it', async () => {
    const weak = shown(thrown(() => assertPassword('short', 'anna')))
    const carrier = shown(thrown(() => findCarrier('shunfen', undefined)))
    const held = shown(toProblem(new DomainError('order-held', 'Order 1 was not shipped.', { codes: ['sku-unbound', 'manual'] })))
    expect(weak.message).toMatch(/^密码须为 12 到 \d+ 个字符。$/)
    expect(carrier.message).toMatch(/^不认识该快递公司。/)
    expect(held.message).toBe('订单已挂起（SKU 未绑定、人工挂起）。请先处理挂起，或注明原因强制发货。')
    await i18next.changeLanguage('en')
    expect(held.message).toBe('The order is held (SKU not bound, Held by a person). Settle the hold, or ship by force with a reason.')
    await i18next.changeLanguage('zh-CN')
  })

  it('words every value of a form', () => {
    const order = { number: 'A', placed_at: 'yesterday', lines: [{ sku: 'x', quantity: 0, unit_price: '1,5' }] }
    const issues = SimpleOrder.safeParse(order).error?.issues ?? []
    const problem = shown(
      badInput(issues.map(({ path, code, message }) => ({ pointer: `/${path.join('/')}`, code: code.replaceAll('_', '-'), message: `${message}.` }))),
    )
    expect(problem.fields.length).toBeGreaterThan(2)
    expect(problem.fields.filter(({ message }) => /[A-Za-z]{6,}/.test(message))).toEqual([])
    expect(problem.message).toContain('商品行 › 第 1 项 › 单价：须为数字')
    const sizes = z.strictObject({
      name: z.string().min(1).max(3),
      days: z.int().max(9),
      tags: z.array(z.string()).min(2),
      kind: z.enum(['a', 'b']),
      on: z.boolean(),
    })
    const made = sizes.safeParse({ name: 'long', days: 10, tags: [], kind: 'c' }).error?.issues ?? []
    const told = shown(
      badInput(made.map(({ path, code, message }) => ({ pointer: `/${path.join('/')}`, code: code.replaceAll('_', '-'), message: `${message}.` }))),
    )
    expect(told.fields.map(({ message }) => message)).toEqual(['最多 3 个字符', '不能大于 9', '至少 2 项', '只能是：a, b', '必填'])
  })

  it('keeps a channel’s own words beside ours, and tells what has no words as it came', () => {
    const channel = shown(new Problem(502, 'channel-refused', 'isv.item-not-exist: 商品不存在'))
    expect(channel.message).toBe('渠道拒绝了此操作。“isv.item-not-exist: 商品不存在”')
    expect(shown(new Problem(422, 'new-code', 'Something new.')).message).toBe('Something new.')
    expect(shown(new Problem(422, 'sku-unknown', 'There is no SKU "x".')).message).toBe('There is no SKU "x".')
  })
})

const named = (folder: string, pattern: RegExp): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(root, folder, file), 'utf8').matchAll(pattern)].map(([, code = '']) => code))

describe('why a document or an order is held', () => {
  it('has a name for every reason a mapping or a check gives', () => {
    const codes = new Set([
      ...named('mappings', /new MappingError\(\s*'([a-z-]+)'/g),
      ...named('mappings', /'([a-z]+(?:-[a-z]+)*-unmapped)'/g),
      ...named('src/core', /new MappingError\(\s*'([a-z-]+)'/g),
      ...named('src/normalize', /(?:code: |mismatch\(\s*)'([a-z]+-[a-z-]+)'/g),
    ])
    // What an order that is sent gets to hear at once (flaw), and what only learning about documents names.
    const elsewhere = new Set(['number-repeated', 'time-future', 'unknown-field'])
    const holds: Readonly<Record<string, string>> = zh.hold
    const failures: Readonly<Record<string, string>> = zh.failure
    expect(codes.size).toBeGreaterThan(50)
    expect([...codes].filter((code) => holds[code] === undefined && failures[code] === undefined && !elsewhere.has(code))).toEqual([])
  })

  it('has its sentence in both languages, with the figures of the hub’s own', () => {
    const doc = {
      ...{ number: 'A', placed_at: '2026-11-22T09:30:00+08:00', currency: 'CNY', total: '9.00', payment: { status: 'paid', paid: '1.00' } },
      lines: [{ sku: 'x', name: 'X', quantity: 2, unit_price: '5.00' }],
      recipient: { phone: '13800138000' },
    }
    const context = { connectionId: 'c', channel: 'push', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} }
    const mapped = push.map({ kind: 'order', externalId: 'A', doc }, context)
    if (mapped.kind !== 'order') throw new Error('no order')
    const lines = mapped.order.lines.map((line) => ({ ...line, shipped: '5' }))
    const found = checkOrder({ ...mapped.order, lines, cancelRequest: { id: '1' } })
    expect(found.map(({ code }) => code)).toEqual([
      'totals-mismatch',
      'payment-mismatch',
      'quantity-invalid',
      'cancel-requested',
      'address-incomplete',
    ])
    const texts: Readonly<Record<string, string>> = zh.holdText
    for (const { code, message } of found) {
      const figures = holdFigures(code, message)
      const places = [...(texts[code] ?? '').matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name)
      expect([code, figures === undefined, places.filter((name) => figures?.[name] === undefined)]).toEqual([code, false, []])
    }
    expect(holdFigures('stock-short', 'More of "A "1"" is sold than there is at "north", from where the channel says it goes. Find goods.')).toEqual({
      name: 'A "1"',
      place: 'north',
    })
    expect(holdFigures('sku-unbound', '"A" is not bound to a SKU. Bind it, then replay; the order is kept whole.')).toEqual({ name: 'A' })
  })
})
