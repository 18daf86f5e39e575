import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createDouyin, type DouyinSim } from '../../sandbox/douyin/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'

/**
 * A public client for Python (`doudian` 0.6 from PyPI, of before 2023: old form of the answers, time stamps as text) plays on the simulated
 * gateway. `HUB_TEST_INSTALL=1 npx vitest run test/sandbox/douyin-client.test.ts` puts it into a folder of its own; until then the test is left out.
 */
const folder = join(homedir(), '.cache', 'channel-hub', 'doudian-0.6')

function isInstalled(): boolean {
  if (existsSync(join(folder, 'doudian')) && existsSync(join(folder, 'cryptography'))) return true
  // oxlint-disable-next-line node/no-process-env -- asked for by hand
  if (process.env['HUB_TEST_INSTALL'] !== '1') return false
  mkdirSync(folder, { recursive: true })
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '0', '--target', folder]
  return spawnSync('python3', [...pip, 'doudian==0.6', 'requests==2.34.2', 'cryptography==50.0.2'], { timeout: 120_000 }).status === 0
}

const DRIVER = `
import json, sys
from doudian import DouDian, AppType
given = json.loads(sys.stdin.read())

def client(secret):
    one = DouDian(app_key=given['appKey'], app_secret=secret, app_type=AppType.TOOL)
    # It knows the vendor's address only, and asks there at once for apps of the seller's own.
    one._gate_way, one._app_type, one._shop_id = given['url'], AppType.SELF, given['shopId']
    return one

one = client(given['appSecret'])
out = {'token': one.init_token(), 'pages': [], 'wrong': client('wrong').init_token()}
# Its token seems to end: the next call renews it first.
one._token['expires_in'] = 0
for page in range(0, 100):
    found = one.request('/order/searchList', {'update_time_start': given['from'], 'update_time_end': given['to'], 'page': page, 'size': 40, 'order_by': 'update_time'})
    ids = [each['order_id'] for each in found['data']['shop_order_list'] or []]
    if not ids:
        break
    out['pages'].append(ids)
order = one.request('/order/orderDetail', {'shop_order_id': given['order']})['data']['shop_order_detail']
first = order['sku_order_list'][0]
hidden = [order['encrypt_post_receiver'], order['encrypt_post_tel'], order['post_addr']['encrypt_detail'], 'nonsense']
out['opened'] = one.request('/order/batchDecrypt', {'cipher_infos': [{'auth_id': given['order'], 'cipher_text': each} for each in hidden]})['data']
pack = {'company_code': 'shunfeng', 'logistics_code': 'SF1000000000001', 'shipped_order_info': [{'shipped_order_id': first['order_id'], 'shipped_num': 1}]}
parcel = {'order_id': given['order'], 'request_id': 'r-1', 'pack_list': [pack]}
out['shipped'] = [one.request('/order/logisticsAddMultiPack', parcel) for _ in range(2)]
out['refused'] = one.request('/order/logisticsAdd', {'order_id': given['order'], 'company_code': 'shunfeng', 'logistics_code': 'SF1000000000002'})
out['stock'] = one.request('/sku/syncStock', {'product_id': first['product_id'], 'sku_id': first['sku_id'], 'stock_num': 77, 'incremental': False})
one._token['access_token'] = 'nobody'
out['dead'] = one.request('/order/orderDetail', {'shop_order_id': given['order']})
out['heard'] = one.callback(given['headers'], given['body'].encode('UTF-8'))
out['forged'] = one.callback(given['headers'], (given['body'] + ' ').encode('UTF-8'))
print(json.dumps(out))
`

const answer = z.object({ code: z.number(), sub_code: z.string(), data: z.unknown() })
const told = z.object({
  token: z.boolean(),
  wrong: z.boolean(),
  pages: z.array(z.array(z.string())),
  opened: z.object({ decrypt_infos: z.array(z.object({ data_type: z.number().optional(), decrypt_text: z.string(), err_no: z.number() })) }),
  shipped: z.array(answer),
  refused: answer,
  stock: answer,
  dead: answer,
  heard: z.array(z.object({ tag: z.string(), data: z.string() })),
  forged: z.null(),
})

function play(given: Readonly<Record<string, unknown>>): Promise<z.output<typeof told>> {
  return new Promise((resolve, reject) => {
    // oxlint-disable-next-line node/no-process-env -- Python needs PATH; its clock is taken to be in China
    const child = spawn('python3', ['-c', DRIVER], { env: { ...process.env, PYTHONPATH: folder, TZ: 'Asia/Shanghai', NO_PROXY: '127.0.0.1' } })
    const [out, err]: [string[], string[]] = [[], []]
    child.stdout.on('data', (data) => out.push(String(data)))
    child.stderr.on('data', (data) => err.push(String(data)))
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve(told.parse(JSON.parse(out.join('')))) : reject(new Error(err.join('').slice(-1500)))))
    child.stdin.end(JSON.stringify(given))
  })
}

let sandbox: Sandbox
let sim: DouyinSim

beforeAll(async () => {
  sim = createDouyin()
  sim.control.seedProducts(12)
  sim.control.seedOrders(130, 0.9)
  sandbox = await start({ shops: [{ name: 'douyin-1', sim }] })
})
afterAll(() => sandbox.stop())

describe.skipIf(!isInstalled())('a public client for Python against the simulated gateway', () => {
  it(
    'makes its token, reads every order over pages, has a recipient opened, sends a part once, sets a level, is refused, and hears a message',
    { timeout: 120_000 },
    async () => {
      const sku = 'DY-PART'
      sim.control.addItem({ title: '青花杯', sku, priceMinor: 4200, stock: 50 })
      const placed = sim.control.placeOrder({ lines: [{ sku, quantity: 3 }] })
      if (!placed.ok) throw new Error(placed.reason)
      const now = Math.floor(sim.clock.now() / 1000)
      const message = await pushedMessage()
      const given = {
        ...sim.credentials,
        ...sim.settings?.(sandbox.shops[0]?.url ?? ''),
        from: now - 86_400,
        to: now + 60,
        order: placed.orderId,
        ...message,
      }
      const out = await play(given)
      expect([out.token, out.wrong, sim.control.renewals()]).toEqual([true, false, 2])
      expect(out.pages.length).toBeGreaterThanOrEqual(3)
      expect(out.pages.flat().sort()).toEqual(
        sim.ledger
          .orders()
          .map((truth) => truth.orderId)
          .sort(),
      )
      expect(out.opened.decrypt_infos).toMatchObject([
        ...[2, 3, 1].map((data_type) => ({ data_type, err_no: 0, decrypt_text: expect.stringMatching(/^[^#$*]+$/) })),
        { err_no: 300004, decrypt_text: '' },
      ])
      expect(out.shipped.map(({ code }) => code)).toEqual([10000, 10000])
      expect(out.shipped[1]?.data).toEqual(out.shipped[0]?.data)
      expect(sim.ledger.shipments().filter(({ orderId }) => orderId === placed.orderId)).toMatchObject([
        { trackingNumber: 'SF1000000000001', lines: [{ quantity: 1 }] },
      ])
      expect([out.refused.code, out.refused.sub_code]).toEqual([50002, 'isv.business-failed:60110'])
      expect([out.stock.code, sim.control.stockOf(sku)]).toEqual([10000, 77])
      expect([out.dead.code, out.dead.sub_code]).toEqual([40003, 'isv.access-token-expired'])
      expect(out.heard.map(({ tag }) => tag)).toEqual(['100'])
    },
  )
})

/** One message as it goes over the wire, caught at a door of our own. */
async function pushedMessage(): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly body: string }> {
  const { createServer } = await import('node:http')
  const caught = new Promise<{ headers: Readonly<Record<string, string>>; body: string }>((resolve) => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        response.end('{"code":0,"msg":"success"}')
        server.close()
        const headers = Object.fromEntries(
          Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
        )
        resolve({ headers, body: Buffer.concat(chunks).toString('utf8') })
      })
    })
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      sim.subscribe?.({ url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/hook`, secret: '' })
      sim.control.shop()
    })
  })
  const message = await caught
  sim.control.dropSubscriptions?.()
  return message
}
