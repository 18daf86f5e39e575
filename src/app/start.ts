import { createLog } from './log.ts'
import { startHub, type SpokenChannels } from './hub.ts'
import type { Settings } from './settings.ts'
import { stopOnSignals, supervise } from './supervise.ts'

/** `hub start`: the services that are not configured elsewhere, and the whole hub in one process. Answers the exit code. */
export function start(settings: Settings, spoken?: SpokenChannels): Promise<number> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  const log = createLog(settings.logLevel)
  return supervise({
    settings,
    say,
    stopSignal: stopOnSignals(),
    now: () => new Date(),
    runHub: (urls) => startHub({ settings, urls, parts: { api: true, worker: true, migrate: true }, log, say, ...(spoken && { spoken }) }),
  })
}
