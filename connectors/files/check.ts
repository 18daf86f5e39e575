import type { Call, CheckStep } from '../../src/core/connector.ts'
import { resolveFieldMap } from '../../src/core/field-map-presets.ts'
import type { Config, Secrets } from './manifest.ts'
import { isWanted } from './names.ts'
import { STATE } from './reading.ts'
import { withTransport } from './transport.ts'

/** Field map, way in and way out, step by step. Throws ChannelError when the place cannot be reached. */
export async function check(call: Call<Config, Secrets>): Promise<readonly CheckStep[]> {
  const map = resolveFieldMap(call.config.fieldMap)
  const steps: CheckStep[] = [{ step: { en: 'Field map', zh: '字段映射' }, ok: true, detail: map.title || map.documentKey.join(', ') }]
  await withTransport(call, async (transport) => {
    if (call.config.source !== 'upload') {
      const waiting = (await transport.list(call.config.inbox)).filter((entry) => isWanted(entry.name, call.config.pattern))
      steps.push({ step: { en: 'Read the folder with new files', zh: '读取待导入目录' }, ok: true, detail: String(waiting.length) })
    }
    await transport.write(STATE, 'check.json', Buffer.from(JSON.stringify({ at: call.now().toISOString() })))
    steps.push({ step: { en: 'Write and rename a file', zh: '写入并重命名文件' }, ok: true })
  })
  return steps
}
