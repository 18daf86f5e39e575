import { readFileSync, readdirSync } from 'node:fs'
import { createHmac } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import readXlsxFile from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import type { Inbound } from '../../src/core/connector.ts'
import { ChannelError, MappingError } from '../../src/core/fault.ts'
import { Converter } from '../../src/core/field-map.ts'
import { moneyFromDecimal, moneyToDecimal } from '../../src/core/money.ts'
import { addressCheck } from '../../src/app/address-check.ts'
import { loadSettings } from '../../src/app/settings.ts'
import { createApp } from '../../src/http/app.ts'
import { ID, STAMP, decodeCursor } from '../../src/http/cursor.ts'
import { maskRaw } from '../../src/http/mask-raw.ts'
import { neutral, ordersCsv } from '../../src/http/order-csv.ts'
import { Problem } from '../../src/http/problem.ts'
import { allRoutes } from '../../src/http/routes/index.ts'
import { serveApp } from '../../src/http/serve.ts'
import { parseStrictJson } from '../../src/http/strict-json.ts'
import { retryAfterMs } from '../../src/kit/http-faults.ts'
import { parseJson } from '../../src/kit/json.ts'
import { equalText } from '../../src/kit/sign.ts'
import { parseXml } from '../../src/kit/xml.ts'
import { renderStatementSheets } from '../../src/kit/files/write-sheets.ts'
import { csvText } from '../../src/kit/files/write-table.ts'
import { INSIDES } from '../bad-input/problem.ts'
import { sendRaw } from '../bad-input/raw-http.ts'
import { stateOf } from '../bad-input/state.ts'
import { type HubApp, hubApp } from '../http/hub-app.ts'

let app: HubApp
let key: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
})
afterAll(() => app.close())

/** Every file of the product, with its text. */
const sources = ['src', 'connectors', 'mappings', 'workflows'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(`${folder}/${file}`, 'utf8') })),
)
const filesWith = (pattern: RegExp): readonly string[] => sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file)

describe('S10 calls to the outside (with B-C 83 to 86)', () => {
  it('go through one door that follows no redirect, uses no proxy and checks every address it dials', () => {
    expect(filesWith(/from 'axios'/)).toEqual(['src/kit/http.ts'])
    const door = sources.find(({ file }) => file === 'src/kit/http.ts')?.text ?? ''
    for (const setting of ['maxRedirects: 0', 'proxy: false', "adapter: 'http'", 'checkedUrl(request.url, origins)']) expect(door).toContain(setting)
    expect(filesWith(/\bfetch\(\s*['"`]https?:|from 'node:https'|from 'undici'/)).toEqual(['src/kit/agents.ts'])
  })

  it('reach the inside only where the settings name it, and in production never all of it', () => {
    expect(() => loadSettings({ NODE_ENV: 'production', HUB_ALLOW_PRIVATE_HOSTS: '1' })).toThrow(/HUB_ALLOW_PRIVATE_HOSTS/)
    expect(loadSettings({ NODE_ENV: 'production' }).privateHosts).toBe('none')
    expect([addressCheck(['10.0.0.12'])('http://10.0.0.12/'), addressCheck(['10.0.0.12'])('http://10.0.0.13/')]).toEqual([
      undefined,
      expect.stringContaining('private'),
    ])
    for (const host of ['169.254.169.254', '100.100.100.200', '[fd00:ec2::254]'])
      expect([host, addressCheck('all')(`http://${host}/`)]).toEqual([host, expect.stringContaining('private')])
  })
})

describe('S11 webhooks in (with B-W 41 to 56)', () => {
  const inbound = (body: string, headers: Readonly<Record<string, string>>): Inbound => ({
    method: 'POST',
    url: 'https://hub.example/hooks/x',
    headers,
    query: {},
    body: Buffer.from(body),
  })
  const kindOf = (run: () => unknown): string => {
    try {
      run()
    } catch (error) {
      return error instanceof ChannelError ? error.fault.kind : 'another error'
    }
    return 'accepted'
  }

  it('are refused by every channel without a secret, and with any signature that is not the right one', () => {
    const verifying = [...registry.values()].filter((connector) => connector.verifyWebhook !== undefined)
    expect(verifying.length).toBeGreaterThan(1)
    for (const connector of verifying) {
      const names = ['x-wc-webhook-signature', 'x-signature', 'x-shopify-hmac-sha256', 'signature', 'sign', 'authorization']
      for (const signature of [
        '',
        'x',
        'A'.repeat(44),
        'f'.repeat(64),
        createHmac('sha256', '').update('{}').digest('base64'),
        createHmac('sha256', '').update('{}').digest('hex'),
      ]) {
        const headers = Object.fromEntries(names.map((name) => [name, signature]))
        for (const secrets of [{}, { webhookSecret: '' }, { webhookSecret: 'a-secret-of-its-own', apiSecret: 'another', appSecret: 'another' }])
          expect([connector.manifest.id, kindOf(() => connector.verifyWebhook?.(inbound('{}', headers), secrets, new Date()))]).toEqual([
            connector.manifest.id,
            'unauthorized',
          ])
      }
    }
  })

  it('are verified over the bytes: one bit changed anywhere, in body or signature, is another delivery', () => {
    const woo = registry.get('woocommerce')
    const body = '{"id":7,"total":"10.00"}'
    const right = createHmac('sha256', 'secret').update(body).digest('base64')
    const verify = (text: string, signature: string): string =>
      kindOf(() =>
        woo?.verifyWebhook?.(
          inbound(text, { 'x-wc-webhook-signature': signature, 'x-wc-webhook-topic': 'order.updated' }),
          { consumerKey: 'k', consumerSecret: 's', webhookSecret: 'secret' },
          new Date(),
        ),
      )
    expect(verify(body, right)).toBe('accepted')
    for (let i = 0; i < body.length; i += 1) {
      const changed = Buffer.from(body)
      changed[i] = (changed[i] ?? 0) ^ 1
      expect(verify(changed.toString('latin1'), right)).toBe('unauthorized')
    }
    for (let i = 0; i < right.length - 1; i += 1)
      expect(verify(body, `${right.slice(0, i)}${right[i] === 'A' ? 'B' : 'A'}${right.slice(i + 1)}`)).toBe('unauthorized')
  })

  it('compare signatures in constant time, whatever their lengths, or check them by a public key', () => {
    for (const file of filesWith(/function verifyWebhook\(/))
      expect([file, /equalText\(|timingSafeEqual\(|isSigned\(|isPayNotice\(/.test(sources.find((one) => one.file === file)?.text ?? '')]).toEqual([
        file,
        true,
      ])
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => equalText(a, b) === (a === b)))
  })
})

describe('S12 webhooks out', () => {
  it('do not exist: consumers read the feed, and no route, setting or table lets anybody name an address to be called', () => {
    expect(allRoutes.filter((route) => /webhook|subscription|callback/.test(route.path)).map((route) => route.path)).toEqual([])
    expect(filesWith(/create table (webhook|subscription|endpoint)/)).toEqual([])
  })
})

describe('S13 tables out (with B-F 64)', () => {
  it('run nothing when a spreadsheet opens them, keep long digits as text and amounts as numbers', () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('=1+1', '+1', '-2+3', '@x', '\t=1', '\r=1', '＝1', '00042', '123456789012345678'))
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), (rows) => {
        const line = (title: string, sku: string) =>
          JSON.stringify({ connection_id: 'c', doc: { totals: {}, lines: [{ title, sku, discount: { amount: '-1.50' } }] } })
        const records: string[][] = parse(ordersCsv(rows.map(([title, sku]) => line(title, sku))), { relax_column_count: true })
        const written: string[][] = parse(csvText(['a', 'b'], rows, true), { bom: true, relax_column_count: true })
        const runs = [...records, ...written].flat().filter((text) => /^[=+\-@\t\r＝＋－＠]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text))
        return runs.length === 0 && records.every((record) => record.includes('-1.50'))
      }),
      { numRuns: 500 },
    )
    // LibreOffice and Excel read these as text behind a tab, and show 1.23456789012346E+17, 42 and 100000 without.
    expect(['123456789012345678', '00042', '1E5', '-1.50', '0.50', '0', '4711'].map(neutral)).toEqual([
      ...['123456789012345678\t', '00042\t', '1E5\t', '-1.50', '0.50', '0', '4711'],
    ])
  })

  it('have sheets named as Excel takes them', async () => {
    for (const [title, shown] of [
      [`Order ${'x'.repeat(24)}'s`, `Order ${'x'.repeat(24)}`],
      [`'='`, '='],
      ["'", 'Sheet'],
      ['a/b[c]:*?\\d\u0007', 'a b c     d'],
      [`${'x'.repeat(30)}😀`, 'x'.repeat(30)],
    ]) {
      const sheets = await readXlsxFile(
        await renderStatementSheets({ title: title ?? '', facts: [], tables: [{ name: 'T', rows: [['a']] }], foot: '' }),
      )
      expect(sheets.map(({ sheet }) => sheet)).toEqual([shown, 'T'])
    }
  })
})

describe('S14 documents in (with B-F 73 to 82)', () => {
  it('are parsed by one door each, and XML without type declarations', async () => {
    expect(filesWith(/from 'xml2js'/)).toEqual(['src/kit/xml.ts'])
    expect(filesWith(/fast-xml-parser|libxml|sax['"]/)).toEqual([])
    for (const text of ['<!DOCTYPE a><a/>', '<a><!DOCTYPE b></a>', '<a>&e;</a>', '<a xmlns:x="y"><x:b>'])
      await expect(parseXml(text)).rejects.toBeInstanceOf(ChannelError)
    const parsed = await parseXml('<a><b>1</b></a>')
    expect(Object.prototype.hasOwnProperty.call(parsed, 'a')).toBe(true)
  })
})

describe('S15 SQL', () => {
  /** Constants of ours, numbered parameters, and pieces made of them by the helpers of `src/store/read/scope.ts`. */
  const HARMLESS =
    /^(?:(?:\w+ \? [A-Z][A-Z0-9_]* : )?[A-Z][A-Z0-9_]*|p|seen(?:\('[\w.]+'\))?|.*\.(?:sql\(\)|value\(.*\)|join\(.*\))|stamp\(.*\)|quoted\(.*\)|query\.sql)$/
  /** Looked at one by one: each is one of a few texts written in that very file, or a date of ours. A new one has to be added here on purpose. */
  const REVIEWED: ReadonlySet<string> = new Set([
    'src/store/finish.ts feed',
    'src/store/finish.ts first',
    `src/store/apply/staging.ts grown.join(', ')`,
    'src/store/listen.ts channel',
    'src/store/deliver/care.ts name',
    'src/store/deliver/care.ts from.toISOString()',
    'src/store/deliver/care.ts to.toISOString()',
    'src/store/deliver/connection-row.ts suffix',
    "src/store/deliver/outbound.ts lock ? 'for share' : ''",
    'src/store/edit/remove-sandbox.ts table',
    'src/store/privacy/find-person.ts where',
    'src/store/alerts/incidents.ts wanted',
    'src/store/alerts/incidents.ts awake',
    'src/store/read/find.ts index.column',
    'src/store/read/orders.ts column',
    'src/store/read/orders.ts direction',
    `src/store/read/orders.ts count('to_ship')`,
    `src/store/read/find.ts linesWith('$1')`,
    `src/store/raw/inbox.ts stillWaitSql('$1::bigint[]')`,
  ])

  it('is built of constants and parameters only', () => {
    const odd: unknown[] = []
    for (const { file, text } of sources.filter((one) => one.file.startsWith('src/store/') || one.file.startsWith('src/intake/'))) {
      for (const [, statement = ''] of text.matchAll(/\.query(?:<[^>]*>+)?\(\s*`([^`]*)`/g))
        for (const [, inserted = ''] of statement.matchAll(/\$\{([^}]*)\}/g))
          if (!HARMLESS.test(inserted.trim()) && !REVIEWED.has(`${file} ${inserted.trim()}`)) odd.push([file, inserted])
    }
    expect(odd).toEqual([])
    // The migrations: constants of ours.
    expect(filesWith(/sql\.raw\(|sql\.lit\(|sql\.id\(/)).toEqual(['src/store/migrate.ts'])
  })

  it('takes no text for a piece of itself: every search and filter, with everything that ends a string', async () => {
    // What is handed out is noted.
    const { audit_log: _noted, ...before } = await stateOf(app.hub.pool)
    const odd: unknown[] = []
    const texts = [`'`, `''; drop table orders; --`, `\\`, `%' or '1'='1`, `$1`, `"`, `/*`, `\u2019`, `'; select pg_sleep(5); --`, '%_\\%']
    const document: {
      readonly paths: Readonly<
        Record<string, Readonly<Record<string, { readonly parameters?: readonly { readonly name: string; readonly in: string }[] }>>>
      >
    } = (await app.call('GET', '/openapi.json')).json
    let asked = 0
    for (const [path, { get }] of Object.entries(document.paths)) {
      if (path.includes('{')) continue
      for (const { name } of (get?.parameters ?? []).filter((one) => one.in === 'query')) {
        for (const text of texts) {
          asked += 1
          const answer = await app.send(`${path}?${name}=${encodeURIComponent(text)}`, { method: 'GET', headers: { authorization: `Bearer ${key}` } })
          if (answer.status >= 500 || (answer.status >= 400 && INSIDES.test(answer.text))) odd.push([path, name, text, answer.status])
        }
      }
    }
    expect(asked).toBeGreaterThan(500)
    expect(odd).toEqual([])
    const { audit_log: _after, ...now } = await stateOf(app.hub.pool)
    expect(now).toEqual(before)
  }, 240_000)
})

describe('S16 what people may write instead of code (with B-M 96 to 106)', () => {
  it('is a closed list of steps that all end; nothing in the product runs text', () => {
    expect(Converter.options.map((option) => option.shape.op.value).toSorted()).toEqual(
      [
        'date',
        'decimal',
        'default',
        'digits',
        'integer',
        'lookup',
        'lower',
        'split',
        'stripPrefix',
        'stripSuffix',
        'substring',
        'trim',
        'upper',
      ].toSorted(),
    )
    expect(filesWith(/\beval\(|new Function\(|from 'node:vm'|import\('\$\{/)).toEqual([])
  })
})

describe('S18 how much one caller may take', () => {
  it('is limited for pages, bodies and statements', async () => {
    for (const route of allRoutes.filter((one) => one.method === 'get')) {
      const limited = await app.send(`${route.path.replaceAll(/\{\w+\}/g, '1')}?limit=501`, {
        method: 'GET',
        // A key of its own each: a refusal for asking too often would prove nothing here.
        headers: { authorization: `Bearer ${await app.key(['admin'])}` },
      })
      expect([route.path, limited.status >= 400 && limited.status < 500 && limited.status !== 429]).toEqual([route.path, true])
    }
    const { rows } = await app.hub.pool.query('show statement_timeout')
    expect(rows[0].statement_timeout).toBe('15s')
    const large = await app.send('/v1/stock', {
      method: 'POST',
      headers: { authorization: `Bearer ${await app.key(['admin'])}`, 'content-type': 'application/json' },
      body: new Uint8Array(2 * 1024 * 1024 + 1),
    })
    expect([large.status, large.json.code]).toEqual([413, 'body-too-large'])
  })

  it('ends for who sends too slowly: the server does not wait for a body that never comes', async () => {
    const server = await serveApp(createApp(app.deps), { host: '127.0.0.1', port: 0, requestTimeoutMs: 1000 })
    const head = `POST /v1/stock HTTP/1.1\r\nHost: hub.test\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`
    const answer = await sendRaw(server.port, [head, '{', '"items"'], { ms: 15_000 })
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([408, 'request-timeout'])
    await server.stop()
  }, 30_000)
})

describe('S20 what parsers are given', () => {
  const deep = process.env['SECURITY_DEEP'] === '1'
  const runs = deep ? 1_000_000 : 100_000
  /** Texts near what each parser expects, broken in every way. */
  const near = (...pieces: readonly string[]) =>
    fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 12 }).map((parts) => parts.join(''))
  /** The parser answers or refuses in its own words; nothing else ever comes out of it. */
  const total = (
    text: fc.Arbitrary<string>,
    parser: (text: string) => unknown,
    refusal: readonly (new (...args: never[]) => Error)[],
    numRuns = runs,
  ): void =>
    fc.assert(
      fc.property(text, (given) => {
        try {
          parser(given)
          return true
        } catch (error) {
          return refusal.some((kind) => error instanceof kind)
        }
      }),
      { numRuns },
    )

  it.each([
    ['request bodies', near('{', '}', '[', ']', '"a"', ':', ',', '1e9', '-0', '\\u0000', 'null', '"__proto__"'), parseStrictJson, [Problem]],
    ['channel documents', near('{', '}', '[', ']', '"a"', ':', ',', '12345678901234567890', '1e400', '\\ud800', 'null'), parseJson, [ChannelError]],
    ['amounts', near('1', '00', '.', ',', '-', '+', 'e', '9'.repeat(9), ' '), (text: string) => moneyFromDecimal(text, 'CNY'), [MappingError]],
    [
      'cursors',
      near('eyJzIjoi', 'A', '=', '%', Buffer.from('{"s":"a","v":"1","i":"1"}').toString('base64url')),
      (text: string) => decodeCursor(text, 'a', STAMP, ID),
      [Problem],
    ],
    ['waiting times', near('1', '-', 'Fri, ', '31 Dec 1999', ' 23:59:59 GMT', '9'.repeat(20)), (text: string) => retryAfterMs(text, new Date(0)), []],
    ['addresses', near('http', 's', '://', 'a', '.', '@', ':', '[', ']', '::1', '127', '%00', '\r\n'), addressCheck([]), []],
    [
      'masked documents',
      near('"phone"', ':', '"1"', '<name>', '</name>', '@', 'a.b', '\\', '{', '}'),
      (text: string) => maskRaw(text, { a: '1' }),
      [],
    ],
  ] as const)(
    '%s are answered or refused',
    (_name, text, parser, refusal) => {
      // Who refuses in words of its own stands at the border of the hub; the others are given a quarter.
      expect(() => total(text, parser, refusal, refusal.length > 0 ? runs : runs / 4)).not.toThrow()
    },
    60_000,
  )

  it('XML is answered or refused', async () => {
    const text = near(
      '<a>',
      '</a>',
      '<b/>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?x',
      '?>',
      '<!DOCTYPE',
      '&amp;',
      '&e;',
      '"',
      "'",
      '\u0000',
      ' x="1"',
    )
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const outcome = await parseXml(given).catch((error: unknown) => error)
        return outcome instanceof ChannelError || !(outcome instanceof Error)
      }),
      { numRuns: runs / 50 },
    )
  }, 240_000)

  it('amounts come out as they went in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -9_007_199_254_740_991, max: 9_007_199_254_740_991 }),
        fc.constantFrom('CNY', 'JPY', 'KWD'),
        (minor, currency) => moneyFromDecimal(moneyToDecimal({ minor, currency }), currency).minor === (minor === 0 ? 0 : minor),
      ),
      { numRuns: runs },
    )
  })
})
