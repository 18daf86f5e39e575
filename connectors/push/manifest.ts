import { z } from 'zod'
import { defineManifest } from '../../src/core/connector.ts'
import { named } from '../../src/kit/setting.ts'

const config = z.object({
  contact: z
    .string()
    .max(200)
    .optional()
    .meta(named({ en: 'Who sends the orders', zh: '由谁发送订单' }, { en: 'A note for your colleagues.', zh: '给同事看的备注。' })),
})
const secrets = z.object({})

export const manifest = defineManifest({
  id: 'push',
  title: { en: 'Orders by API or form', zh: '接口推送与手工录单' },
  kind: 'portal',
  stability: 'beta',
  api: { version: '1', docs: 'https://www.rfc-editor.org/rfc/rfc9457' },
  config,
  secrets,
  limits: [],
  hosts: () => [],
  capabilities: {
    // Nobody is called: whoever sent the order reads its packages with the key it sent it with.
    pushShipment: { partial: true, pickup: true },
  },
})
