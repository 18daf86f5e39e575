import { mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isPrivateAddress } from '../../../src/kit/private-address.ts'
import { files } from '../../../connectors/files/index.ts'
import { manifest } from '../../../connectors/files/manifest.ts'
import type { Config, Secrets } from '../../../connectors/files/manifest.ts'
import { mapFileDocument } from '../../../mappings/field-map.ts'
import { startSftpServer } from '../../../sandbox/files/sftp-server.ts'
import type { SftpServer } from '../../../sandbox/files/sftp-server.ts'
import { createTill, dropFile } from '../../../sandbox/files/till.ts'
import type { Call, Cursor, InventoryWrite, Page, RawRecord, ShipmentWrite } from '../../../src/core/connector.ts'
import { fileDocument } from '../../../src/core/file-document.ts'
import { resolveFieldMap } from '../../../src/core/field-map-presets.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'files-test-'))
  cleanups.push(() => rm(path, { recursive: true, force: true }))
  return path
}

const PASSWORD = 'canary-p4ssw0rd'
function callFor(root: string, config: object, extra: Partial<Call<Config, Secrets>> = {}): Call<Config, Secrets> {
  return {
    connectionId: 'c1',
    config: manifest.config.parse({ source: 'folder', fieldMap: 'pos-receipts', stableSeconds: 0, ...config }),
    secrets: {},
    http: () => Promise.reject(new Error('no http')),
    tokens: async () => ({}),
    renew: async () => ({}),
    now: () => new Date('2026-11-22T08:00:00Z'),
    signal: new AbortController().signal,
    folder: root,
    ...extra,
  }
}

async function served(options: { readonly password?: string } = {}): Promise<{
  readonly root: string
  readonly server: SftpServer
  readonly call: (config?: object, secrets?: Secrets, allow?: boolean) => Call<Config, Secrets>
}> {
  const root = await folder()
  const server = await startSftpServer({ root, password: options.password ?? PASSWORD })
  cleanups.push(() => server.stop())
  return {
    root,
    server,
    call: (config = {}, secrets = { password: PASSWORD }, allow = true) =>
      callFor(
        join(root, 'unused'),
        { source: 'sftp', host: '127.0.0.1', port: server.port, username: server.username, hostKey: server.hostKey, ...config },
        { secrets, allowPrivate: allow ? [`127.0.0.1:${server.port}`] : [] },
      ),
  }
}

async function pull(
  call: Call<Config, Secrets>,
  after?: Cursor,
): Promise<{ readonly pages: readonly Page[]; readonly records: readonly RawRecord[] }> {
  const pages: Page[] = []
  for await (const page of files.pullOrders(call, { stream: 'files', ...(after ? { after } : {}) })) pages.push(page)
  return { pages, records: pages.flatMap((page) => page.records) }
}

const write = (key: string, quantity: number): InventoryWrite => ({
  key,
  ids: { sku: key },
  sku: key,
  quantity,
  idempotencyKey: `${key}-${quantity}`,
})
const shipment = (extra: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
  key: 'P1',
  channelOrderNo: 'S1/T2/2026-11-21/0001',
  orderId: 'S1/T2/2026-11-21/0001',
  carrier: { code: 'sf', name: 'SF Express' },
  trackingNo: '=SF1234567890123456',
  lines: [{ channelLineNo: '1', quantity: 1 }],
  last: true,
  shippedAt: '2026-11-22T07:00:00Z',
  idempotencyKey: 'k1',
  notifyBuyer: false,
  ...extra,
})
const faultOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof Error && 'fault' in error ? error.fault : error),
  )

describe('manifest', () => {
  it('renders its settings for a form, with titles in both languages and no default for a secret', () => {
    const schema = z.toJSONSchema(manifest.config, { io: 'input' })
    for (const [name, field] of Object.entries(schema.properties ?? {}))
      expect(field, name).toMatchObject({ title: { en: expect.any(String), zh: expect.any(String) } })
    expect(JSON.stringify(z.toJSONSchema(manifest.secrets, { io: 'input' }))).not.toContain('"default"')
  })
  it('refuses folders that lead out and SFTP without a host', () => {
    for (const bad of [{ inbox: '../x' }, { archive: '/etc' }, { outbox: 'a/../../b' }, { pattern: 'a/b' }, { path: '../..' }, { source: 'sftp' }])
      expect(manifest.config.safeParse(bad).success, JSON.stringify(bad)).toBe(false)
  })
})

describe('a watched folder', () => {
  it("brings every receipt of a till once, with the till's own totals", async () => {
    const root = await folder()
    const day = createTill({ seed: 7, receiptsPerDay: 60 }).day('2026-11-21')
    await dropFile(join(root, 'in'), day.name, day.text)
    const { records } = await pull(callFor(root, {}))
    const map = resolveFieldMap('pos-receipts')
    const mapped = records.map((record) =>
      mapFileDocument(fileDocument(record.doc) ?? { columns: [], rows: [] }, record.externalId, map, {
        connectionId: 'c1',
        timezone: 'Europe/Berlin',
        currency: 'EUR',
        config: {},
      }),
    )
    const sold = mapped.flatMap((one) => (one.kind === 'order' ? [one.order] : []))
    const returned = mapped.flatMap((one) => (one.kind === 'refund' ? [one.refund] : []))
    expect([sold.length, returned.length, mapped.filter((one) => one.kind === 'ignore').length]).toEqual([day.receipts, day.returns, day.voids])
    expect(sold.reduce((sum, order) => sum + order.totals.total.minor, 0)).toBe(day.soldMinor)
    expect(returned.reduce((sum, refund) => sum + refund.amount.minor, 0)).toBe(day.returnedMinor)
    expect(new Set(records.map((record) => record.externalId)).size).toBe(60)
    expect(sold[0]?.lines[0]?.channelSku).toMatch(/^00123456$|^MUG-蓝-01$|^7612345000019$/)
  })
  it('changes nothing while pulling, archives with a report once the pull is committed, and then has nothing to do', async () => {
    const root = await folder()
    const call = callFor(root, {})
    const day = createTill().day('2026-11-21')
    await dropFile(join(root, 'in'), day.name, day.text)
    const { pages } = await pull(call)
    expect(pages.at(-1)).toEqual({ records: [], cursor: null })
    expect(await readdir(join(root, 'in'))).toEqual([day.name])
    await files.commitPull(call, 'files')
    expect(await readdir(join(root, 'in'))).toEqual([])
    expect((await readdir(join(root, 'archive'))).sort()).toEqual([`20261122T080000Z-${day.name}`, `20261122T080000Z-${day.name}.report.csv`])
    const report = await readFile(join(root, 'archive', `20261122T080000Z-${day.name}.report.csv`), 'utf8')
    expect(report.trim().split('\r\n')).toHaveLength(day.rows + 1)
    expect((await pull(call)).records).toEqual([])
    await files.commitPull(call, 'files')
  })
  it('does not archive what an earlier, uncommitted pull had read', async () => {
    const root = await folder()
    const call = callFor(root, {})
    const day = createTill().day('2026-11-21')
    await dropFile(join(root, 'in'), day.name, day.text)
    await pull(call) // dies here: neither page nor cursor was stored
    const later = callFor(root, { pattern: 'other*' })
    await pull(later)
    await files.commitPull(later, 'files')
    expect(await readdir(join(root, 'in'))).toEqual([day.name])
  })
  it('goes on after every cursor with exactly the rest, and archives all files at the end', async () => {
    const root = await folder()
    const call = callFor(root, {})
    const till = createTill({ receiptsPerDay: 450 })
    for (const date of ['2026-11-19', '2026-11-20']) {
      const day = till.day(date)
      await dropFile(join(root, 'in'), day.name, day.text)
    }
    const { pages } = await pull(call)
    expect(pages.length).toBeGreaterThan(5)
    for (const [i, page] of pages.entries()) {
      if (page.cursor === null) continue
      const parsed: unknown = JSON.parse(JSON.stringify(page.cursor))
      expect(parsed).toEqual(page.cursor)
      const rest = await pull(call, page.cursor)
      expect(rest.records.map((record) => record.externalId)).toEqual(
        pages.slice(i + 1).flatMap((later) => later.records.map((record) => record.externalId)),
      )
    }
    await pull(call, pages.at(-2)?.cursor ?? undefined)
    await files.commitPull(call, 'files')
    expect(await readdir(join(root, 'in'))).toEqual([])
  })
  it('leaves a file alone that was replaced between reading and archiving', async () => {
    const root = await folder()
    const call = callFor(root, {})
    const day = createTill().day('2026-11-21')
    await dropFile(join(root, 'in'), day.name, day.text)
    await pull(call)
    await dropFile(join(root, 'in'), day.name, `${day.text}S1,T2,2026-11-21,9999,sale,2026-11-21 23:00:00,1,x,,t,1,1.00,1.00\r\n`)
    await files.commitPull(call, 'files')
    expect(await readdir(join(root, 'in'))).toEqual([day.name])
  })
  it('waits for files that still grow, and for the .done file where that is the rule', async () => {
    const root = await folder()
    const day = createTill().day('2026-11-21')
    const path = join(root, 'in', day.name)
    await dropFile(join(root, 'in'), day.name, day.text.slice(0, 300))
    const pulling = pull(callFor(root, { stableSeconds: 1 }))
    setTimeout(() => void writeFile(path, day.text), 300)
    expect((await pulling).records).toEqual([])
    expect((await pull(callFor(root, { stableSeconds: 1 }))).records.length).toBeGreaterThan(0)
    expect((await pull(callFor(root, { ready: 'done-file' }))).records).toEqual([])
    await writeFile(`${path}.done`, '')
    const call = callFor(root, { ready: 'done-file' })
    expect((await pull(call)).records.length).toBeGreaterThan(0)
    await files.commitPull(call, 'files')
    expect(await readdir(join(root, 'in'))).toEqual([])
  })
  it('turns a file nobody can read into one held document, and reads the next file', async () => {
    const root = await folder()
    const call = callFor(root, {})
    const day = createTill().day('2026-11-21')
    await dropFile(join(root, 'in'), '0-broken.csv', '<html><body>Login</body></html>')
    await dropFile(join(root, 'in'), '1-columns.csv', 'x,y\n1,2\n')
    await dropFile(join(root, 'in'), day.name, day.text)
    const { records } = await pull(call)
    const problems = records.slice(0, 2).map((record) => fileDocument(record.doc)?.problems?.[0]?.code)
    expect(problems).toEqual(['file-is-html', 'file-columns-missing'])
    expect(records.length).toBeGreaterThan(10)
    expect((await pull(call)).records[0]?.externalId).toBe(records[0]?.externalId)
    await files.commitPull(call, 'files')
    expect(await readdir(join(root, 'in'))).toEqual([])
    expect((await readdir(join(root, 'archive', 'refused'))).filter((name) => name.endsWith('.report.csv'))).toHaveLength(2)
  })
  it('follows no links out of its folder and ignores unfinished and hidden files', async () => {
    const root = await folder()
    const outside = await folder()
    await mkdir(join(root, 'in'), { recursive: true })
    await writeFile(join(outside, 'secret.csv'), createTill().day('2026-11-21').text)
    await symlink(join(outside, 'secret.csv'), join(root, 'in', 'link.csv'))
    for (const name of ['.hidden.csv', 'x.csv.part', '~$x.xlsx', 'x.tmp', 'x.report.csv']) await writeFile(join(root, 'in', name), 'a')
    expect((await pull(callFor(root, {}))).records).toEqual([])
    await symlink(outside, join(root, 'elsewhere'))
    expect(await faultOf(pull(callFor(root, { inbox: 'elsewhere' })))).toMatchObject({ kind: 'misconfigured' })
  })
  it('has nothing to pull for upload connections', async () => {
    expect((await pull(callFor(await folder(), { source: 'upload' }))).pages).toEqual([{ records: [], cursor: null }])
  })
})

describe('SFTP', () => {
  it('pulls, archives and writes on a server, with the host key checked', async () => {
    const { root, server, call } = await served()
    const day = createTill().day('2026-11-21')
    await dropFile(join(root, 'in'), day.name, day.text)
    expect((await files.check(call())).every((step) => step.ok)).toBe(true)
    const { records } = await pull(call())
    expect(records).toHaveLength(20)
    await files.commitPull(call(), 'files')
    expect(await readdir(join(root, 'in'))).toEqual([])
    expect(await readdir(join(root, 'archive'))).toHaveLength(2)
    expect(await files.pushInventory(call(), [write('a', 3)])).toMatchObject([{ key: 'a', status: 'applied' }])
    expect(await files.pushInventory(call(), [write('a', 4)])).toMatchObject([{ status: 'applied' }])
    expect(await files.readInventory(call(), [write('a', 0)])).toEqual([{ key: 'a', quantity: 4 }])
    expect(server.sessions()).toBeGreaterThan(3)
  })
  it('trusts no other host key and names the next step, without the password', async () => {
    const { call } = await served()
    const wrongKey = await faultOf(pull(call({ hostKey: `SHA256:${'A'.repeat(43)}` })))
    expect(wrongKey).toMatchObject({ kind: 'misconfigured', code: 'host-key' })
    const wrongPassword = await faultOf(pull(call({}, { password: 'not-it-4711' })))
    expect(wrongPassword).toMatchObject({ kind: 'unauthorized' })
    expect(await faultOf(pull(call({}, { privateKey: 'no key' })))).toMatchObject({ kind: 'misconfigured' })
    expect(JSON.stringify([wrongKey, wrongPassword])).not.toMatch(/4711|canary/)
  })
  it("reaches no private address unless the hub's settings allow it", async () => {
    const { server, call } = await served()
    expect(await faultOf(pull(call({}, { password: PASSWORD }, false)))).toMatchObject({ kind: 'misconfigured', code: 'private-address' })
    expect(server.sessions()).toBe(0)
  })
  it.each([
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['169.254.169.254', true],
    ['192.168.1.1', true],
    ['172.20.0.1', true],
    ['100.64.0.1', true],
    ['::1', true],
    ['fe80::1', true],
    ['fd00::1', true],
    ['::ffff:10.0.0.1', true],
    ['::ffff:a00:1', true],
    ['93.184.216.34', false],
    ['2606:2800:220:1::1', false],
  ])('counts %s as private: %s', (address, expected) => {
    expect(isPrivateAddress(address)).toBe(expected)
  })
  it('never joins a hostile file name to a path', async () => {
    const { root, server, call } = await served()
    server.faults.extraNames.push('../../outside.csv', '..', 'a\\..\\b.csv', 'x\u0000y.csv')
    const day = createTill().day('2026-11-21')
    await dropFile(join(root, 'in'), day.name, day.text)
    expect((await pull(call())).records).toHaveLength(20)
  })
  it('calls a stock file whose rename got no answer unknown; reading back settles it', async () => {
    const { root, server, call } = await served()
    server.faults.dropAtRename = 'after'
    expect(await files.pushInventory(call(), [write('a', 3), write('b', 1)])).toMatchObject([
      { key: 'a', status: 'unknown', fault: { kind: 'in-doubt' } },
      { key: 'b', status: 'unknown' },
    ])
    server.faults.dropAtRename = 'never'
    expect((await readdir(join(root, 'out'))).filter((name) => name.endsWith('.csv'))).toHaveLength(1)
    expect(await files.readInventory(call(), [write('a', 0)])).toEqual([{ key: 'a', quantity: undefined }])
    expect(await files.pushInventory(call(), [write('a', 3), write('b', 1)])).toMatchObject([{ status: 'applied' }, { status: 'applied' }])
    expect((await readdir(join(root, 'out'))).filter((name) => name.endsWith('.csv'))).toHaveLength(1)
  })
  it('says that rights are missing', async () => {
    const { server, call } = await served()
    server.faults.denyWrites = true
    expect(await faultOf(files.pushInventory(call(), [write('a', 1)]))).toMatchObject({ kind: 'misconfigured' })
  })
  it('calls an unreachable server transient', async () => {
    const { server, call } = await served()
    const gone = call()
    await server.stop()
    cleanups.pop()
    expect(await faultOf(pull(gone))).toMatchObject({ kind: 'transient' })
  })
})

describe('stock and shipments', () => {
  it('writes one stock file per batch, safe to open in a spreadsheet, and reads back what was written last', async () => {
    const root = await folder()
    const call = callFor(root, { source: 'upload' })
    expect(await files.readInventory(call, [write('a', 0)])).toEqual([{ key: 'a', quantity: undefined }])
    const outcomes = await files.pushInventory(call, [write('=cmd()', 3), write('00123', 0)])
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['applied', 'applied'])
    const [name = ''] = await readdir(join(root, 'out'))
    expect(name).toMatch(/^stock-20261122T080000Z-[0-9a-f]{8}\.csv$/)
    expect(await readFile(join(root, 'out', name), 'utf8')).toBe(
      '\ufeff"sku","quantity","listing","as_of"\r\n"\'=cmd()","3","\'=cmd()","2026-11-22T08:00:00.000Z"\r\n"00123","0","00123","2026-11-22T08:00:00.000Z"\r\n',
    )
    expect(await files.readInventory(call, [write('=cmd()', 0), write('00123', 0), write('z', 0)])).toEqual([
      { key: '=cmd()', quantity: 3 },
      { key: '00123', quantity: 0 },
      { key: 'z', quantity: undefined },
    ])
  })
  it('writes one file per package; repeating it changes nothing, correcting it replaces it', async () => {
    const root = await folder()
    const call = callFor(root, { source: 'upload' })
    expect(await files.pushShipment(call, shipment())).toMatchObject({ status: 'applied' })
    expect(await files.pushShipment(call, shipment())).toMatchObject({ status: 'unchanged' })
    expect(await files.pushShipment(call, shipment({ trackingNo: '123456789012345678' }))).toMatchObject({ status: 'applied' })
    expect(await files.pushShipment(call, shipment({ key: 'P2' }))).toMatchObject({ status: 'applied' })
    const names = await readdir(join(root, 'out'))
    expect(names).toHaveLength(2)
    expect(names.every((name) => /^shipment-S1_T2_2026-11-21_0001-[0-9a-f]{8}-P[12]\.csv$/.test(name))).toBe(true)
    expect((await files.readShipments(call, shipment().orderId)).map((one) => [one.channelShipmentNo, one.trackingNo])).toEqual([
      ['P1', '123456789012345678'],
      ['P2', '=SF1234567890123456'],
    ])
    expect(await files.readShipments(call, 'S1/T2/2026-11-21/0002')).toEqual([])
  })
  it('names the articles of the newest list for binding', async () => {
    const root = await folder()
    await mkdir(join(root, 'listings'), { recursive: true })
    await writeFile(join(root, 'listings', 'old.csv'), 'sku,title\nold,x\n')
    await utimes(join(root, 'listings', 'old.csv'), new Date(0), new Date(0))
    await writeFile(join(root, 'listings', 'new.csv'), '商品编码;条码;商品名称;售价;库存\n00420;6901234567892;茶;12.50;7\n\nX2;;;;\n')
    const pages = []
    for await (const page of files.pullListings(callFor(root, {}), undefined)) pages.push(page)
    expect(pages).toEqual([
      {
        cursor: null,
        listings: [
          { key: '00420', ids: { sku: '00420' }, sku: '00420', title: '茶', active: true, barcode: '6901234567892', price: '12.50', quantity: '7' },
          { key: 'X2', ids: { sku: 'X2' }, sku: 'X2', title: 'X2', active: true },
        ],
      },
    ])
  })
})
