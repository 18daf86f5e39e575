import { z } from 'zod'
import { defineManifest } from '../../src/core/connector.ts'
import { FieldMap } from '../../src/core/field-map.ts'
import { FIELD_MAP_PRESETS } from '../../src/core/field-map-presets.ts'
import { named } from '../../src/kit/setting.ts'

/** A folder below the connection's own: plain segments only, so that nothing leads out of it. */
const subfolder = z.string().regex(/^[^/\\.\0][^/\\\0]*(\/[^/\\.\0][^/\\\0]*)*$/)
const pattern = z.string().regex(/^[^/\\\0]+$/)

const config = z
  .object({
    source: z
      .enum(['upload', 'folder', 'sftp'])
      .default('upload')
      .meta(
        named(
          { en: 'Where files come from', zh: '文件来源' },
          {
            en: 'upload: the console, the API or `hub import` · folder: a watched folder of this hub · sftp: a server',
            zh: 'upload：控制台、接口或 hub import · folder：本机监视目录 · sftp：服务器',
          },
        ),
      ),
    fieldMap: z
      .union([z.enum(FIELD_MAP_PRESETS), FieldMap])
      .default('generic-orders')
      .meta(named({ en: 'Field map', zh: '字段映射' }, { en: 'A preset by name, or your own.', zh: '预设名称或自定义映射。' })),
    host: z
      .string()
      .max(253)
      .optional()
      .meta(named({ en: 'SFTP host', zh: 'SFTP 主机' })),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .default(22)
      .meta(named({ en: 'SFTP port', zh: 'SFTP 端口' })),
    username: z
      .string()
      .max(200)
      .optional()
      .meta(named({ en: 'SFTP user', zh: 'SFTP 用户名' })),
    hostKey: z
      .string()
      .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/)
      .optional()
      .meta(
        named(
          { en: 'Host key fingerprint', zh: '主机密钥指纹' },
          {
            en: 'SHA256:… as `ssh-keygen -lf` prints it. Without it any server that answers under this name is trusted.',
            zh: 'ssh-keygen -lf 输出的 SHA256:… 指纹；留空则信任以此名称应答的任何服务器。',
          },
        ),
      ),
    path: z
      .string()
      .max(500)
      .regex(/^[^\0\\]*$/)
      .refine((path) => !path.split('/').includes('..'))
      .default('.')
      .meta(named({ en: 'Folder on the server', zh: '服务器目录' })),
    inbox: subfolder.default('in').meta(named({ en: 'Folder with new files', zh: '待导入目录' })),
    archive: subfolder.default('archive').meta(named({ en: 'Folder for files that were read', zh: '归档目录' })),
    outbox: subfolder.default('out').meta(named({ en: 'Folder for stock and shipment files', zh: '库存与发货文件目录' })),
    pattern: pattern.default('*').meta(named({ en: 'File names to read (* and ?)', zh: '文件名规则（* 与 ?）' })),
    ready: z
      .enum(['stable', 'done-file'])
      .default('stable')
      .meta(
        named(
          { en: 'A file is complete when', zh: '文件完成的判断' },
          {
            en: 'stable: its size no longer changes · done-file: a file of the same name with .done appended is beside it',
            zh: 'stable：大小不再变化 · done-file：旁边出现同名加 .done 的文件',
          },
        ),
      ),
    stableSeconds: z
      .int()
      .min(0)
      .max(60)
      .default(2)
      .meta(named({ en: 'Seconds a size must stay the same', zh: '大小保持不变的秒数' })),
    afterReading: z
      .enum(['move', 'keep'])
      .default('move')
      .meta(
        named(
          { en: 'What happens to a file that was read', zh: '读取后的处理' },
          { en: 'keep: it stays and is compared again at every look', zh: 'keep：保留原处，每次轮询重新比对' },
        ),
      ),
    outgoing: z
      .enum(['csv', 'xlsx', 'json'])
      .default('csv')
      .meta(named({ en: 'Format of stock and shipment files', zh: '回传文件格式' })),
  })
  .superRefine((settings, context) => {
    if (settings.source !== 'sftp') return
    if (!settings.host) context.addIssue({ code: 'custom', path: ['host'], message: 'Needed for SFTP.' })
    if (!settings.username) context.addIssue({ code: 'custom', path: ['username'], message: 'Needed for SFTP.' })
  })

const secrets = z.object({
  password: z
    .string()
    .min(1)
    .optional()
    .meta(named({ en: 'SFTP password', zh: 'SFTP 密码' })),
  privateKey: z
    .string()
    .min(1)
    .optional()
    .meta(named({ en: 'Private key (OpenSSH)', zh: '私钥（OpenSSH）' })),
  passphrase: z
    .string()
    .min(1)
    .optional()
    .meta(named({ en: 'Passphrase of the key', zh: '私钥口令' })),
})

export type Config = z.output<typeof config>
export type Secrets = z.output<typeof secrets>

export const manifest = defineManifest({
  id: 'files',
  title: { en: 'Files (CSV, Excel, JSON, XML)', zh: '文件（CSV、Excel、JSON、XML）' },
  kind: 'files',
  stability: 'beta',
  api: { version: '1', docs: 'https://datatracker.ietf.org/doc/html/rfc4180' },
  config,
  mappingSettings: ['fieldMap'],
  secrets,
  limits: [],
  hosts: (settings) => (settings.source === 'sftp' && settings.host !== undefined ? [`sftp://${settings.host}:${settings.port}`] : []),
  capabilities: {
    pullOrders: { streams: [{ id: 'files', mode: 'sweep', pageSize: 200, everySeconds: 60 }] },
    commitPull: {},
    pullListings: { pageSize: 500 },
    // Whoever reads the file does so when they like: until their next files come, what they sold is unknown.
    pushInventory: {
      write: 'absolute',
      maxBatch: 5000,
      lagSeconds: 86_400,
      skewSeconds: 300,
      tMaxSeconds: 3600,
      restocks: false,
      decrementAt: 'placing',
    },
    readInventory: { maxBatch: 5000 },
    pushShipment: { partial: true, pickup: true },
    readShipments: {},
  },
})
