import { classifyWechat, readWechat, writeWechat, type Answer } from '../../src/kit/wechat-api.ts'
import type { WechatCall } from './manifest.ts'

/** A read below `/channels/ec/`: may be repeated. */
export const read = (call: WechatCall, path: string, parameters: Readonly<Record<string, unknown>>): Promise<Answer> =>
  readWechat(call, `channels/ec/${path}`, parameters)

/** A write below `/channels/ec/`: one attempt. */
export const write = (call: WechatCall, path: string, parameters: Readonly<Record<string, unknown>>): Promise<Answer> =>
  writeWechat(call, `channels/ec/${path}`, parameters)

/** Numbers of the interfaces of shops beside the common ones. */
export const classify = classifyWechat(
  new Map([
    ['10080000', 'misconfigured'],
    ['10080001', 'misconfigured'],
    ['10020112', 'throttled'],
    ['100002', 'missing'],
    ['10020052', 'missing'],
  ]),
)
